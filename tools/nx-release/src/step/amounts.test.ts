import { expect, test } from 'vitest';

import { bytes, count, duration } from './amounts.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [104_437_760, '104.4 MB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [5_000_000_000_000_000, '5000.0 TB'],
])('%d bytes are %s', (number, text) => {
  expect(bytes(number)).toBe(text);
});

test('one is not many', () => {
  expect([0, 1, 2].map((number) => count(number, 'blob'))).toEqual([
    '0 blobs',
    '1 blob',
    '2 blobs',
  ]);
});

test.each([
  [0, '0.0 s'],
  [1234, '1.2 s'],
  [59_999, '60.0 s'],
  [125_000, '2 min 5 s'],
  [-5, '0.0 s'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(duration(new Date(1_000_000), new Date(1_000_000 + milliseconds))).toBe(text);
});
