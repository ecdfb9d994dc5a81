import { expect, test } from 'vitest';

import { delayAfter } from './backoff.js';

const backoff = { first: 1000, longest: 60_000 };

test('a delay doubles with each attempt, up to the longest', () => {
  const delays = [1, 2, 3, 6, 7, 1000].map((attempt) => delayAfter(attempt, backoff, () => 0));
  expect(delays).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
});

test('chance shortens it by up to a half', () => {
  expect(delayAfter(1, backoff, () => 0.5)).toBe(750);
  expect(delayAfter(1, backoff, () => 0.999_999)).toBe(500);
});
