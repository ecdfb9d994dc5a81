import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ReleaseError } from '../error.js';
import { failureOf, refusalOf } from '../test/failure-of.js';
import { parseDocument, readDocument } from './document.js';

const parse = (text: string) => parseDocument('a/release.json', new TextEncoder().encode(text));

test.each([
  ['', '1:1: expected a JSON object, found an empty file'],
  [' \n\n', '1:1: expected a JSON object, found an empty file'],
  ['\uFEFF{}', '1:1: starts with a byte order mark; save the file as UTF-8 without it'],
  ['{\n  "a": 1,\n}', '3:1: expected a name in double quotes, found }'],
  ['{\n  "a": 1\n  "b": 2\n}', '3:3: expected "," or a closing bracket, found "b"'],
  ['{ "a" 1 }', '1:7: expected ":", found 1'],
  ['{ "a": }', '1:8: expected a value, found }'],
  ['{ "a": [1, ] }', '1:12: expected a value, found ]'],
  ['{ "a": [1 }', '1:11: expected "," or a closing bracket, found }'],
  ['{ "a": 1', '1:9: expected "}", found the end of the file'],
  ['[1', '1:3: expected "]", found the end of the file'],
  ['{ a: 1 }', '1:3: expected a value or a name in double quotes, found a'],
  ["{ 'a': 1 }", "1:3: expected a value or a name in double quotes, found 'a'"],
  ['{} {}', '1:4: expected the end of the file, found {'],
  ['{ // why\n}', '1:3: expected JSON, which has no comments, found // why'],
  [
    '{\r\n  "a": "b\r\n}',
    '2:8: expected a string that ends with a double quote on its line, found "b',
  ],
  ['{ "a": 1. }', '1:8: expected a digit after "." or "e", found 1.'],
  ['["\\u12"]', '1:2: expected four hexadecimal digits after "\\u", found "\\u12"'],
  ['["\\x"]', '1:2: expected a known escape after "\\", found "\\x"'],
  [
    '["\t"]',
    '1:2: expected a string without control characters; write them as "\\n" or "\\u0000", found "\\u{9}"',
  ],
  ['['.repeat(33), '1:1: expected at most 32 levels of nesting'],
])('the text %j is refused where it is wrong', (text, message) => {
  expect(refusalOf(() => parse(text))).toEqual(['json-invalid', `a/release.json:${message}`]);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => parseDocument('release.json', Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(
    'release.json: expected UTF-8 text',
  );
});

test('a long token is cut in the message', () => {
  expect(() => parse('x'.repeat(1000))).toThrow(/found x{120}…$/);
});

test('accepts exactly what JSON.parse accepts, and throws nothing else', () => {
  const snippets =
    '{ } [ ] , : "a" "\\u00e9" "\\ud800 1 -0 1e3 01 . true null nul // /* \n \t " \u2028';
  const soup = fc.array(fc.constantFrom(...snippets.split(' '), ' '), { maxLength: 12 });
  const texts = fc.oneof(
    soup.map((parts) => parts.join('')),
    fc.json({ maxDepth: 4 }),
    fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, insert]) => {
      const index = at % (json.length + 1);
      return json.slice(0, index) + insert + json.slice(index);
    }),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(failureOf(() => parse(text)) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes either parse or are refused with an error of this package', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      failureOf(() => parseDocument('x', bytes));
    }),
  );
});

test('nesting that would exhaust the stack is refused', () => {
  for (const opening of ['[', '{"a":', '"\n[', '/*"*/[']) {
    expect(failureOf(() => parse(opening.repeat(50_000)))).toBeDefined();
  }
});

describe('a file', () => {
  const advice = { adviceWhenMissing: 'every plugin has one' };

  test('is read with its path for messages', async () => {
    const root = await temporaryDirectory();
    await writeFile(join(root, 'x.json'), '{"a":1}');
    const document = await readDocument(root, 'x.json', advice);
    expect(document).toMatchObject({ file: 'x.json', text: '{"a":1}' });
  });

  test('that is missing is told with the advice', async () => {
    await expect(readDocument(await temporaryDirectory(), 'p/x.json', advice)).rejects.toThrow(
      new ReleaseError('file-missing', 'p/x.json: not found; every plugin has one'),
    );
  });

  test('that is a folder is refused', async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, 'x.json'));
    await expect(readDocument(root, 'x.json', advice)).rejects.toThrow(
      new ReleaseError('file-unreadable', 'x.json: is not a file'),
    );
  });

  test('below something that is no folder keeps the reason', async () => {
    const root = await temporaryDirectory();
    await writeFile(join(root, 'p'), '');
    await expect(readDocument(root, 'p/x.json', advice)).rejects.toThrow(
      /^p\/x\.json: cannot be read: ENOTDIR/,
    );
  });

  test('that is huge is not read', async () => {
    const root = await temporaryDirectory();
    await writeFile(join(root, 'x.json'), ' '.repeat(65_537));
    await expect(readDocument(root, 'x.json', advice)).rejects.toThrow(
      new ReleaseError('file-unreadable', 'x.json: expected at most 65536 bytes, found 65537'),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
