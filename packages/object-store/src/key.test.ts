import { join, normalize, posix } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ObjectStoreError } from './error.js';
import { compareKeys, parseKey, parsePrefix } from './key.js';

/** Texts of what keys are made of, and of what they must not be. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('a', 'é', '🚀', '.', '..', '/', '\\', ' ', '%2e', '\0', '\n', '\u0085'))
    .map((parts) => parts.join('')),
);

const segments = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !/[/\\\p{Cc}\p{Cs}]/u.test(text) && text !== '.' && text !== '..');
const keys = fc.array(segments, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));

function attempt(parse: (text: string) => string, text: string): string | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === 'key-invalid') return undefined;
    throw error;
  }
}

describe('A key', () => {
  test('is any segments between slashes', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseKey(key)).toBe(key);
      }),
    );
  });

  test('is a path that stays where it is, below every folder', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const key = attempt(parseKey, text);
        if (key === undefined) return;
        expect(key).toBe(text);
        expect(posix.normalize(key)).toBe(key);
        expect(join('/root', key)).toBe(`/root/${key}`);
        expect(normalize(join('/root', key)).startsWith('/root/')).toBe(true);
      }),
    );
  });

  test('is the same after a URL, and after UTF-8', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const path = key.split('/').map(encodeURIComponent).join('/');
        expect(decodeURIComponent(path)).toBe(key);
        expect(Buffer.from(key).toString()).toBe(key);
      }),
    );
  });

  test('is refused with the text, the reason, and nothing that a terminal takes for a command', () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseKey(text);
        } catch (error) {
          const { message } = error as Error;
          expect(message).toMatch(/ is not an object key: it /);
          expect(message).not.toMatch(/\p{Cc}/u);
          expect(message.length).toBeLessThan(1000);
        }
      }),
    );
  });

  test('has at most 1024 bytes', () => {
    expect(parseKey('é'.repeat(512))).toHaveLength(512);
    expect(() => parseKey(`${'é'.repeat(512)}a`)).toThrow('it is longer than 1024 bytes');
  });
});

describe('A prefix', () => {
  test('is each beginning of a key', () => {
    fc.assert(
      fc.property(keys, fc.nat(), (key, at) => {
        // Not in the midst of a character.
        const characters = Array.from(key);
        const beginning = characters.slice(0, at % (characters.length + 1)).join('');
        expect(parsePrefix(beginning)).toBe(beginning);
      }),
    );
  });

  test('is never something with which no key can begin', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const prefix = attempt(parsePrefix, text);
        if (prefix === undefined || Buffer.byteLength(prefix) >= 1024) return;
        expect(parseKey(`${prefix}x`)).toBe(`${text}x`);
      }),
    );
  });
});

test('Keys are in the order of their bytes', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const [inBytes, inHex] = [
        compareKeys(a, b),
        [a, b].map((key) => Buffer.from(key).toString('hex')),
      ];
      expect(Math.sign(inBytes)).toBe(inHex[0]! < inHex[1]! ? -1 : inHex[0] === inHex[1] ? 0 : 1);
    }),
  );
});
