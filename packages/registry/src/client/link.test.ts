import fc from 'fast-check';
import { expect, test } from 'vitest';

import { nextQuery } from './link.js';

test.each([
  ['</v2/acme/app/tags/list?n=2&last=b>; rel="next"', '?n=2&last=b'],
  ['<https://elsewhere.example/v2/acme/app/tags/list?last=b>; rel=next', '?last=b'],
  ['<?last=b>;rel="prev next"', '?last=b'],
  ['</a?x=1>; rel="prev", </a?x=2>; title="a, b"; REL="NEXT"', '?x=2'],
  ['</a?x=1#fragment>; rel="next"', '?x=1'],
  ['</a?x=1>', undefined],
  ['</a?x=1>; rel="last"', undefined],
  ['</a>; rel="next"', undefined],
  ['</a?x=1; rel="next"', undefined],
  ['', undefined],
])('the next page of %s is %s', (header, expected) => {
  expect(nextQuery([header])).toBe(expected);
});

test('any text is read to its end without failing', () => {
  const piece = fc.constantFrom('<', '>', ';', ',', '=', '"', '\\', 'rel', 'next', '?', ' ', 'a');
  const pieces = fc.array(piece, { maxLength: 40 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), pieces), (header) => {
      expect(nextQuery([header]) ?? '?').toMatch(/^\?/);
    }),
    { numRuns: 500 },
  );
});
