import { gunzipSync } from 'node:zlib';

import { contentOf, digestOf } from '@teleport-plugins/oci';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { gzip } from './gzip.js';
import { collect, inPieces } from './test/collect.js';

/** Bytes that compress, and in which runs of zeros are common, as in a tar archive. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 70_000 }).map((length) => new Uint8Array(length)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2000 }))
        .map(([pattern, times]) => Buffer.concat(new Array<Uint8Array>(times).fill(pattern))),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

test('the bytes are these, on every machine and Node version', async () => {
  const words = Array.from({ length: 60_000 }, (_, index) => `${(index * 7919) % 1009} `).join('');
  expect(digestOf(await collect(gzip(contentOf(Buffer.from(words)))))).toBe(
    'sha256:0f7902432e2be9771760b53dfcfb7000d25cbbe2df1c1d93b8dbbbff1c8bdb9e',
  );
});

test('the header says nothing of time or machine', async () => {
  const compressed = await collect(gzip(contentOf(new Uint8Array())));
  expect([...compressed.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  expect(gunzipSync(compressed)).toHaveLength(0);
});

test('zlib reads back what was compressed', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (input) => {
      expect(gunzipSync(await collect(gzip(contentOf(input)))).equals(input)).toBe(true);
    }),
  );
});

test('how the input is cut into pieces makes no difference', async () => {
  const sizes = fc.array(fc.nat({ max: 100_000 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(bytes, sizes, async (input, cuts) => {
      const whole = await collect(gzip(contentOf(input)));
      const cut = await collect(gzip(inPieces(input, cuts)));
      expect(digestOf(cut)).toBe(digestOf(whole));
    }),
  );
});

test('an error of the input ends the output', async () => {
  const broken = (async function* () {
    await Promise.resolve();
    throw new Error('gone');
  })();
  await expect(collect(gzip(broken))).rejects.toThrow('gone');
});
