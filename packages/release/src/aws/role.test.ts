import { expect, test } from 'vitest';

import { parseAccount, parseRole } from './role.js';

test.each([
  ['arn:aws:iam::146628656107:role/release-engineer-plugin-admin', 'aws'],
  ['arn:aws-cn:iam::146628656107:role/release-engineer-plugin-admin', 'aws-cn'],
  ['arn:aws-us-gov:iam::146628656107:role/release-engineer-plugin-admin', 'aws-us-gov'],
  ['arn:aws-eusc:iam::146628656107:role/release-engineer-plugin-admin', 'aws-eusc'],
  ['arn:aws-iso-b:iam::146628656107:role/teams/a!b/release-engineer-plugin-admin', 'aws-iso-b'],
])('%s is a role', (arn, partition) => {
  const account = '146628656107';
  expect(parseRole(arn)).toEqual({
    arn,
    partition,
    account,
    name: 'release-engineer-plugin-admin',
  });
});

test('a role has a name of at most 64 characters, and a path of at most 512', () => {
  const name = '_+=,.@-'.padEnd(64, 'x');
  const path = `/${'p'.repeat(510)}/`;
  expect(parseRole(`arn:aws:iam::123456789012:role${path}${name}`)?.name).toBe(name);
  expect(parseRole(`arn:aws:iam::123456789012:role/${name}x`)).toBeUndefined();
  expect(parseRole(`arn:aws:iam::123456789012:role/p${path}${name}`)).toBeUndefined();
});

test.each([
  '',
  'release-engineer',
  'arn:aws:iam::123456789012:user/alice',
  'arn:aws:iam::12345678901:role/x',
  'arn:aws:iam::1234567890123:role/x',
  'arn:aws:iam:us-east-1:123456789012:role/x',
  'arn:aws:iam::123456789012:role/',
  'arn:aws:iam::123456789012:role/x/',
  'arn:aws:iam::123456789012:role/x y',
  'arn:aws:iam::123456789012:role/x\n',
  'arn:aws:sts::123456789012:assumed-role/x/session',
  'arn:awsome:iam::123456789012:role/x',
  ' arn:aws:iam::123456789012:role/x',
])('%j is no role', (text) => {
  expect(parseRole(text)).toBeUndefined();
});

test('an account is twelve digits', () => {
  expect(parseAccount('012345678901')).toBe('012345678901');
  for (const text of ['', '12345678901', '1234567890123', '12345678901x', '123456789012\n']) {
    expect(parseAccount(text)).toBeUndefined();
  }
});
