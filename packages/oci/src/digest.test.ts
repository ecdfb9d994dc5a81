import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { digestOf, isDigest, parseDigest, splitDigest } from './digest.js';
import { attempt } from './test/attempt.js';
import { digests } from './test/arbitraries.js';

describe('A digest', () => {
  test('is taken as it is when it is well-formed', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(parseDigest(digest)).toBe(digest);
        const { algorithm, hex } = splitDigest(digest);
        expect(`${algorithm}:${hex}`).toBe(digest);
      }),
    );
  });

  test.each([
    [''],
    ['sha256:'],
    ['sha256'],
    [`sha256:${'a'.repeat(63)}`],
    [`sha256:${'a'.repeat(65)}`],
    [`sha256:${'A'.repeat(64)}`],
    [`sha256:${'g'.repeat(64)}`],
    [`SHA256:${'a'.repeat(64)}`],
    [`sha512:${'a'.repeat(64)}`],
    [`sha256:${'a'.repeat(64)}\n`],
    [` sha256:${'a'.repeat(64)}`],
    [`sha256:../../${'a'.repeat(58)}`],
    ['multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8'],
  ])('is refused when it is not: %j', (text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'digest-invalid' }));
  });

  test('of anything else is an OciError with a short message in one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const result = attempt(() => parseDigest(text));
        if (!(result instanceof Error)) return;
        expect(result.message.length).toBeLessThan(2000);
        expect(result.message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('of bytes is their sha256', () => {
    // The empty JSON object, from the image specification's guidance for empty descriptors.
    expect(digestOf(Buffer.from('{}'))).toBe(
      'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(digestOf(bytes)).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
        expect(isDigest(digestOf(bytes))).toBe(true);
      }),
    );
  });
});
