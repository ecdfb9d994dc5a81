import { format, inspect } from 'node:util';

import { expect, test } from 'vitest';

import { Secret } from './secret.js';

const secret = new Secret('hunter2');

test('a secret reveals its text only when asked', () => {
  expect(secret.reveal()).toBe('hunter2');
});

test.each([
  ['a template string', `a ${secret as unknown as string} b`],
  ['concatenation', 'x' + String(secret)],
  ['JSON', JSON.stringify({ password: secret })],
  ['an inspection', inspect({ nested: { secret } }, { depth: 9, showHidden: true })],
  ['a format', format('%s %o %O %j', secret, secret, secret, secret)],
  ['its own keys', JSON.stringify(Object.entries(secret))],
  ['an error with it as cause', inspect(new Error('no', { cause: secret }))],
])('a secret does not show in %s', (_where, text) => {
  expect(text).not.toContain('hunter2');
});
