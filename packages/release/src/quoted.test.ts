import fc from 'fast-check';
import { expect, test } from 'vitest';

import { alternatives, printable, quoted } from './quoted.js';

test.each([
  ['plain', '"plain"'],
  ['a "b"', '"a \\"b\\""'],
  ['tab\tnul\0', '"tab\\tnul\\u0000"'],
  ['\u202Egpj\u2028', '"\\u{202e}gpj\\u{2028}"'],
  ['x'.repeat(200), `"${'x'.repeat(120)}…"`],
  ['user:hunter2@registry.example.com/acme', '"***@registry.example.com/acme"'],
  ['https://user:hunter2@registry.example.com/acme', '"https://***@registry.example.com/acme"'],
  ['docker.io/library/node@sha256:abc', '"docker.io/library/node@sha256:abc"'],
  ['node:22@sha256:abc', '"node:22@sha256:abc"'],
])('%j is shown as %s', (text, shown) => {
  expect(quoted(text)).toBe(shown);
});

test('what is shown stays on its line and is short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const shown of [quoted(text), printable(text)]) {
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(shown.length).toBeLessThan(1200);
      }
    }),
  );
});

test('alternatives read as a sentence does', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'c']].map(alternatives)).toEqual([
    'a',
    'a or b',
    'a, b or c',
  ]);
});
