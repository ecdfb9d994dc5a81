import fc from 'fast-check';
import { expect, test } from 'vitest';

import { didYouMean } from './did-you-mean.js';

test.each([
  ['minr', ['major', 'minor', 'latest'], ' (did you mean "minor"?)'],
  ['LATEST', ['major', 'minor', 'latest'], ' (did you mean "latest"?)'],
  ['prod', ['local', 'production'], ' (did you mean "production"?)'],
  ['loacl', ['local', 'production'], ' (did you mean "local"?)'],
  ['pro', ['production', 'promotion'], ''],
  ['nightly', ['major', 'minor', 'latest'], ''],
  ['', ['a', 'b'], ''],
  ['x'.repeat(1000), ['local'], ''],
  ['local', [], ''],
])('%j among %j: %j', (written, known, hint) => {
  expect(didYouMean(written, known)).toBe(hint);
});

test('one slip in a long word is always found', () => {
  const slips = fc.tuple(fc.nat({ max: 9 }), fc.constantFrom('', 'x', 'xy'));
  fc.assert(
    fc.property(slips, ([at, replacement]) => {
      const word = 'production';
      const written = word.slice(0, at) + replacement + word.slice(at + 1);
      expect(didYouMean(written, ['local', 'compose', word])).toContain(word);
    }),
  );
});
