import { inflateRawSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sha256Of } from '../sha256.js';
import { collect, inPieces, programBytes } from '../test/content.js';
import { chunkSize, deflated } from './deflate.js';
import { inflated } from './inflate.js';

describe('Compressed content', () => {
  test('is read back by zlib', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        const compressed = await collect(deflated(inPieces(bytes)));
        expect(inflateRawSync(compressed)).toEqual(Buffer.from(bytes));
        expect(await collect(inflated(inPieces(compressed)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 3.3 * chunkSize])(
    'of %i bytes is one stream, whatever the pieces and the threads',
    async (size) => {
      const bytes = programBytes(4).subarray(0, size);
      const whole = await collect(deflated(inPieces(bytes)));
      expect(inflateRawSync(whole).equals(bytes)).toBe(true);
      for (const [concurrency, cuts] of [
        [1, [chunkSize]],
        [3, [1, 70_000, chunkSize - 70_001, 0]],
        [16, Array.from({ length: 40 }, () => 99_991)],
      ] as const) {
        const other = await collect(deflated(inPieces(bytes, cuts), { concurrency }));
        expect(sha256Of(other)).toBe(sha256Of(whole));
      }
    },
  );

  test('loses little by being cut into chunks', async () => {
    const bytes = Buffer.alloc(8 * chunkSize, programBytes(0.02));
    const compressed = await collect(deflated(inPieces(bytes)));
    expect(compressed.length).toBeLessThan(bytes.length / 20);
  });

  test('is read ahead by as many chunks as are compressed at once, and no more', async () => {
    let read = 0;
    const source = (async function* () {
      for (; read < 20; read += 1) {
        await Promise.resolve();
        yield Buffer.alloc(chunkSize, read);
      }
    })();
    const pieces = deflated(source, { concurrency: 3 })[Symbol.asyncIterator]();
    await pieces.next();
    expect(read).toBeLessThanOrEqual(4);
    await pieces.return?.();
  });

  test('of which the source fails ends with that failure', async () => {
    const failing = (async function* () {
      yield Buffer.alloc(3 * chunkSize);
      await Promise.resolve();
      throw new Error('the network is gone');
    })();
    await expect(collect(deflated(failing))).rejects.toThrow('the network is gone');
  });
});
