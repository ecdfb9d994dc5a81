import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { domainOf, mailAddress, namedAddress } from './address.js';

describe('an address', () => {
  test.each([
    'alice@example.com',
    'alice+access@sub.example.com',
    "o'hara@example.com",
    'root@localhost',
    'jürgen@bücher.example',
  ])('%j is one', (text) => {
    expect(mailAddress.parse(text)).toBe(text);
  });

  test('has a domain in small letters', () => {
    expect(mailAddress.parse('Alice@Example.COM')).toBe('Alice@example.com');
  });

  test.each([
    '',
    'alice',
    '@example.com',
    'alice@',
    'alice@example..com',
    'alice@-example.com',
    'alice@example.com, bob@example.com',
    'alice@example.com\r\nBcc: bob@example.com',
    '"alice"@example.com',
    'Alice <alice@example.com>',
    'a@b@example.com',
    'alice@[127.0.0.1]',
    `${'x'.repeat(65)}@example.com`,
    5,
    undefined,
  ])('%j is none', (text) => {
    expect(mailAddress.parse(text)).toBeUndefined();
  });
});

test.each([
  ['teleport@example.com', { name: '', address: 'teleport@example.com' }],
  ['Teleport <teleport@example.com>', { name: 'Teleport', address: 'teleport@example.com' }],
  [
    '"Teleport, Access" <teleport@example.com>',
    { name: 'Teleport, Access', address: 'teleport@example.com' },
  ],
  ['<teleport@example.com>', { name: '', address: 'teleport@example.com' }],
  ['Teleport\r\nBcc: x <teleport@example.com>', undefined],
  ['Teleport <a@example.com> <b@example.com>', undefined],
  ['Teleport <nobody>', undefined],
])('the sender %j is read as %j', (text, sender) => {
  expect(namedAddress.parse(text)).toEqual(sender);
});

test('any text is an address on one line, or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress()), (text) => {
      expect(mailAddress.parse(text) ?? 'a@b').toMatch(/^[^\s\p{C},<>]+@[^\s\p{C},<>@]+$/u);
    }),
  );
});

test('the domain of an address is in ASCII', () => {
  expect(domainOf('jürgen@bücher.example')).toBe('xn--bcher-kva.example');
});
