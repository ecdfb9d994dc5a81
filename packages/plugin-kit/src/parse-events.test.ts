import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { teleportEvents } from '../test/events.js';
import { PluginError } from './error.js';
import { parseEvents } from './parse-events.js';

const { create, review, update } = teleportEvents;

function parse(body: string) {
  return parseEvents(new TextEncoder().encode(body));
}

describe('the three events about access requests', () => {
  const { picked } = parse(JSON.stringify([create, review, update]));
  const common = { requestId: create.id, clusterName: 'teleport.example.com' };

  test('are read with what Teleport says of each', () => {
    expect(picked).toEqual([
      {
        ...common,
        event: 'access_request.create',
        uid: create.uid,
        time: create.time,
        state: 'PENDING',
        reason: 'to look after the backups',
        user: 'alice',
        roles: ['admin', 'dba'],
        resourceNames: [],
      },
      {
        ...common,
        event: 'access_request.review',
        uid: review.uid,
        time: review.time,
        state: 'APPROVED',
        reason: 'go ahead',
        reviewer: 'bob',
        proposedState: 'APPROVED',
      },
      {
        ...common,
        event: 'access_request.update',
        uid: update.uid,
        time: update.time,
        state: 'DENIED',
        reason: undefined,
        updatedBy: 'carol',
      },
    ]);
  });
});

test('an event without its time, as Fluentd forwards it, is an event', () => {
  const [event] = parse(JSON.stringify({ ...create, time: undefined })).picked;
  expect(event).toMatchObject({ uid: create.uid, time: undefined });
});

test('an update by a plugin names whom the plugin acted for', () => {
  const [event] = parse(JSON.stringify({ ...update, delegator: 'dave' })).picked;
  expect(event).toMatchObject({ updatedBy: 'dave' });
});

test.each([
  ['one event', JSON.stringify(create), 1],
  ['one event over several lines', JSON.stringify(create, undefined, 2), 1],
  ['an array', JSON.stringify([create, review]), 2],
  ['an empty array', '[]', 0],
  ['one event per line', `${JSON.stringify(create)}\n${JSON.stringify(review)}\n`, 2],
  [
    'lines with empty ones between',
    `\r\n${JSON.stringify(create)}\r\n\n${JSON.stringify(review)}`,
    2,
  ],
])('a body may be %s', (_what, body, count) => {
  expect(parse(body).picked).toHaveLength(count);
});

test('all other events are ignored, whatever they hold', () => {
  const others = [
    { event: 'user.login', uid: 5 },
    { event: 'access_request.delete', id: 'x' },
    { event: 'access_request.search' },
    { event: '__proto__' },
    { event: 'constructor' },
  ];
  expect(parse(JSON.stringify(others))).toEqual({ picked: [], ignored: 5 });
});

test('an attempt that failed is ignored: its code is not the one of success', () => {
  expect(parse(JSON.stringify({ event: create.event, code: 'T5000E' }))).toEqual({
    picked: [],
    ignored: 1,
  });
});

test.each([
  ['', 'the body is empty: expected events as JSON'],
  [' \n', 'the body is empty: expected events as JSON'],
  ['5', 'event 1: expected a JSON object'],
  ['null', 'event 1: expected a JSON object'],
  ['[[]]', 'event 1: expected a JSON object'],
  ['{}', 'event 1: event: expected the type of an audit event'],
  ['[{"event":"a"},{"event":5}]', 'event 2: event: expected the type of an audit event'],
  [
    JSON.stringify({ ...create, uid: '' }),
    'event 1 (access_request.create): uid: expected a string of 1 to 256 characters',
  ],
  [
    JSON.stringify({ ...create, id: 'x'.repeat(257) }),
    'event 1 (access_request.create): id: expected a string of 1 to 256 characters',
  ],
  [
    JSON.stringify({ ...create, roles: 'admin' }),
    'event 1 (access_request.create): roles: expected at most 1000 strings of 1 to 256 characters',
  ],
  [
    `${JSON.stringify(create)}\n${JSON.stringify({ ...review, reason: 5 })}`,
    'line 2 (access_request.review): reason: expected a string',
  ],
])('%j is refused: %s', (body, message) => {
  expect(() => parse(body)).toThrow(new PluginError('event-invalid', message));
});

test('a line that is not JSON is named', () => {
  expect(() => parse(`${JSON.stringify(create)}\n{"event":`)).toThrow(/^line 2: not JSON: /);
});

test('a body that is not UTF-8 is refused', () => {
  expect(() => parseEvents(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow('the body is not UTF-8');
});

test('a long reason is cut, and a null or empty one is none', () => {
  const [long, none, empty] = parse(
    JSON.stringify([
      { ...create, reason: 'x'.repeat(10_000) },
      { ...create, reason: null },
      { ...create, reason: '' },
    ]),
  ).picked;
  expect(long?.reason).toHaveLength(4096);
  expect([none?.reason, empty?.reason]).toEqual([undefined, undefined]);
});

test('many resources with long names are cut, not refused', () => {
  const names = Array.from({ length: 300 }, () => 'arn:'.padEnd(2048, 'x'));
  const [event] = parse(JSON.stringify({ ...create, resource_names: names })).picked;
  const { resourceNames = [] } = event as { readonly resourceNames?: readonly string[] };
  expect(resourceNames).toHaveLength(100);
  expect(resourceNames[0]).toHaveLength(256);
});

test('any bytes are events or a PluginError', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), isReadOrRefused));
});

test('any JSON is events or a PluginError', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(create)));
  const event = fc.record(
    Object.fromEntries(Object.keys({ ...create, ...review, ...update }).map((key) => [key, value])),
    { requiredKeys: [] },
  );
  const named = event.chain((fields) =>
    fc
      .constantFrom(create.event, review.event, update.event)
      .map((name) => ({ ...fields, event: name, code: undefined })),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(named, event), { maxLength: 4 }), (events) => {
      isReadOrRefused(new TextEncoder().encode(JSON.stringify(events)));
    }),
  );
});

function isReadOrRefused(body: Uint8Array): void {
  try {
    for (const event of parseEvents(body).picked) {
      expect(event.uid).toEqual(expect.any(String));
      expect(event.requestId).toEqual(expect.any(String));
    }
  } catch (error) {
    expect(error).toMatchObject({ name: 'PluginError', code: 'event-invalid' });
  }
}
