import { expect, test } from 'vitest';

import { areOfRepositories, covers, pullFrom, pushTo, union } from './scope.js';

test('a token for writing serves for reading, not the other way round', () => {
  expect(covers([pushTo('a/b')], [pullFrom('a/b')])).toBe(true);
  expect(covers([pullFrom('a/b')], [pushTo('a/b')])).toBe(false);
  expect(covers([pushTo('a/b')], [pullFrom('a')])).toBe(false);
  expect(covers([pushTo('a'), pullFrom('b')], [pullFrom('b'), pullFrom('a')])).toBe(true);
  expect(covers(['aws'], ['aws'])).toBe(true);
});

test('a union names each repository once', () => {
  expect(union([pushTo('b')], [pullFrom('a'), pullFrom('b')])).toEqual([
    pullFrom('a'),
    pushTo('b'),
  ]);
});

test('a scope of a registry is told from those of repositories', () => {
  expect(areOfRepositories([pullFrom('a'), pushTo('b')])).toBe(true);
  expect(areOfRepositories(['aws'])).toBe(false);
});
