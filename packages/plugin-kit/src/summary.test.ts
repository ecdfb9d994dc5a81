import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { created, reviewed, updated } from '../test/events.js';
import { oneLine, summarize } from './summary.js';

const url = new URL('https://teleport.example.com/');
const request = created({ reason: 'to look after\nthe backups', roles: ['admin', 'dba'] });

test('a creation says who wants what, and why', () => {
  expect(summarize({ event: request, request }, url)).toEqual({
    subject: '[teleport.example.com] Access: alice requests admin, dba',
    headline: 'alice requests access',
    facts: [
      { label: 'Request', value: 'request' },
      { label: 'Cluster', value: 'teleport.example.com' },
      { label: 'User', value: 'alice' },
      { label: 'Roles', value: 'admin, dba' },
      { label: 'Reason for the request', value: 'to look after the backups' },
      { label: 'Time', value: '2026-11-24T10:00:00.000Z' },
    ],
    status: '⏳ PENDING',
    link: 'https://teleport.example.com/web/requests/request',
  });
});

describe('the headline of', () => {
  test.each([
    ['an approval', reviewed(), 'bob approved the access request of alice'],
    ['a denial', reviewed({ proposedState: 'DENIED' }), 'bob denied the access request of alice'],
    [
      'another review',
      reviewed({ proposedState: undefined, reviewer: undefined }),
      'Somebody reviewed the access request of alice',
    ],
    ['an update', updated(), 'The access request of alice was set to DENIED by carol'],
    [
      'an update by nobody',
      updated({ updatedBy: undefined }),
      'The access request of alice was set to DENIED',
    ],
  ])('%s says what happened', (_what, event, headline) => {
    expect(summarize({ event, request }, undefined).headline).toBe(headline);
  });
});

test('without its creation, a request is named by its id', () => {
  const summary = summarize(
    { event: reviewed({ reason: 'go ahead' }), request: undefined },
    undefined,
  );
  expect(summary.subject).toBe('[teleport.example.com] Access: request request');
  expect(summary.headline).toBe('bob approved an access request');
  expect(summary.facts).toContainEqual({ label: 'Review', value: 'go ahead' });
  expect(summary.link).toBeUndefined();
});

test('the subject is the same for all events about a request', () => {
  const subjects = [request, reviewed(), updated()].map(
    (event) => summarize({ event, request }, url).subject,
  );
  expect(new Set(subjects).size).toBe(1);
});

test('a request for resources names them', () => {
  const event = created({ resourceNames: ['db-1', 'db-2'] });
  expect(summarize({ event, request: event }, url).subject).toContain('alice requests db-1, db-2');
});

test('a link keeps within its path, whatever the id is', () => {
  const event = created({ requestId: '../../x?y#z\ud800"<' });
  expect(summarize({ event, request: event }, new URL('https://t.example.com/base/')).link).toBe(
    'https://t.example.com/base/web/requests/..%2F..%2Fx%3Fy%23z%20%22%3C',
  );
});

test('whatever people write, each text is one line without control characters, and not endless', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const hostile = fc.oneof(
    text,
    fc.constant('a\r\nBcc: x'),
    fc.constant('\u202egpj.exe'),
    fc.constant('🙂'.repeat(200)),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (user, state, reason) => {
      const event = created({
        user,
        state,
        reason,
        roles: [user],
        resourceNames: [reason],
        requestId: state,
      });
      const { facts, link = '', ...texts } = summarize({ event, request: event }, url);
      for (const each of [link, ...Object.values(texts), ...facts.map(({ value }) => value)]) {
        expect(each).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(each.length).toBeLessThanOrEqual(4000);
      }
      expect(texts.subject.length).toBeLessThanOrEqual(300);
    }),
  );
});

test('a text is cut between characters', () => {
  expect(oneLine('🙂🙂🙂', 4)).toBe('🙂…');
  expect(oneLine('abc', 3)).toBe('abc');
  expect(oneLine('abcd', 3)).toBe('ab…');
});
