import fc from 'fast-check';
import { expect, test } from 'vitest';

import { created, reviewed } from '../test/events.js';
import type { AccessRequestEvent } from './access-request.js';
import { createLedger, eventKey, type Ledger, type LedgerEntry } from './ledger.js';

function accepted(event: AccessRequestEvent, recipients: readonly string[]): LedgerEntry {
  return { kind: 'accepted', accepted: { event, recipients, acceptedAt: 1 } };
}

function settled(event: AccessRequestEvent, recipient: string, thread?: string): LedgerEntry {
  const key = eventKey(event);
  return { kind: 'settled', key, recipient, ...(thread === undefined ? {} : { thread }) };
}

function ledgerOf(...entries: readonly LedgerEntry[]): Ledger {
  const ledger = createLedger({ seen: 3, requests: 2 });
  for (const entry of entries) ledger.apply(entry);
  return ledger;
}

test('an accepted event is owed to each recipient until it is settled', () => {
  const ledger = ledgerOf(accepted(created(), ['a', 'b']), settled(created(), 'a'));
  expect(ledger.owed()).toEqual([{ event: created(), recipient: 'b', acceptedAt: 1 }]);
  ledger.apply(settled(created(), 'b'));
  expect(ledger.owed()).toEqual([]);
});

test('settling twice, or what was never accepted, changes nothing', () => {
  const ledger = ledgerOf(accepted(created(), ['a']), settled(created(), 'a', 'x'));
  ledger.apply(settled(created(), 'a', 'y'));
  ledger.apply(settled(reviewed(), 'a', 'z'));
  expect(ledger.thread('request', 'a')).toBe('x');
});

test('an event is seen from its acceptance on; another type with the same uid is not', () => {
  const ledger = ledgerOf(accepted(created({ uid: 'same' }), []));
  expect(ledger.hasSeen(created({ uid: 'same' }))).toBe(true);
  expect(ledger.hasSeen(reviewed({ uid: 'same' }))).toBe(false);
});

test('a request is known with its recipients and, once they are notified, their threads', () => {
  const ledger = ledgerOf(
    accepted(created(), ['a', 'constructor']),
    settled(created(), 'a', 'C1 17.5'),
  );
  expect(ledger.request('request')).toMatchObject({
    created: created(),
    recipients: ['a', 'constructor'],
  });
  expect(ledger.thread('request', 'a')).toBe('C1 17.5');
  expect(ledger.thread('request', 'constructor')).toBeUndefined();
});

test('the oldest is forgotten when there is too much, but never what is owed', () => {
  const events = [1, 2, 3, 4].map((n) => created({ uid: `${n}`, requestId: `${n}` }));
  const ledger = ledgerOf(...events.map((event) => accepted(event, ['a'])));
  expect(ledger.owed()).toHaveLength(4);
  expect(events.every((event) => ledger.hasSeen(event))).toBe(true);
  for (const event of events) ledger.apply(settled(event, 'a'));
  expect(events.map((event) => ledger.hasSeen(event))).toEqual([false, true, true, true]);
  expect(events.map((event) => ledger.request(event.requestId) !== undefined)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('a snapshot, replayed, makes an equal ledger', () => {
  const name = fc.constantFrom('1', '2', '3', '4');
  const event = fc
    .record({ uid: name, requestId: name, isReview: fc.boolean() })
    .map(({ isReview, ...ids }) => (isReview ? reviewed(ids) : created(ids)));
  const entry = fc.oneof(
    fc
      .tuple(event, fc.subarray(['a', 'b']))
      .map(([each, recipients]) => accepted(each, recipients)),
    fc
      .tuple(event, fc.constantFrom('a', 'b'), fc.option(name, { nil: undefined }))
      .map((args) => settled(...args)),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const ledger = ledgerOf(...entries);
      const again = ledgerOf(...ledger.snapshot());
      expect(again.owed()).toEqual(ledger.owed());
      expect(again.snapshot()).toEqual(ledger.snapshot());
    }),
  );
});
