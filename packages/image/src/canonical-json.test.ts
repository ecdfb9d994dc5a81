import fc from 'fast-check';
import { expect, test } from 'vitest';

import { canonicalJson, type Json } from './canonical-json.js';

const text = (value: Json): string => Buffer.from(canonicalJson(value)).toString();

test('keys are sorted at every depth, lists keep their order, nothing is padded', () => {
  const value = { b: [3, { z: null, y: true }, 1], a: 'é"\n', 10: 'ten', 9: 'nine' };
  expect(text(value)).toBe('{"10":"ten","9":"nine","a":"é\\"\\n","b":[3,{"y":true,"z":null},1]}');
});

test('what is undefined is not written', () => {
  expect(text({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('it is the same value to a reader, whatever it is, and the same text whatever the order', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const written = text(value);
      expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(text(reversed(value))).toBe(written);
    }),
  );
});

function reversed(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as Json[]).map(reversed);
  const entries = Object.entries(value).map(
    ([key, each]) => [key, reversed(each ?? null)] as const,
  );
  return Object.fromEntries(entries.reverse());
}
