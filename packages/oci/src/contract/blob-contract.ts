import { describe, expect, test } from 'vitest';

import { contentOf, readAll, type Content, type Repository } from '../index.js';
import { sampleBlob } from './samples.js';

export function blobContract(open: () => Promise<Repository>): void {
  const limit = 16 * 1024 * 1024;

  describe('its blobs', () => {
    test('come back byte for byte', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('0123456789'.repeat(100_000));
      expect(await blobs.exists(descriptor)).toBe(false);
      await blobs.push(descriptor, inPieces(bytes, 65_537));
      expect(await blobs.exists(descriptor)).toBe(true);
      expect(await same(blobs.fetch(descriptor), bytes)).toBe(true);
    });

    test('may be empty', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('');
      await blobs.push(descriptor, contentOf(bytes));
      expect(await blobs.exists(descriptor)).toBe(true);
      expect(await same(blobs.fetch(descriptor), bytes)).toBe(true);
    });

    test('may be pushed again, and at the same time', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('pushed often');
      await Promise.all([1, 2, 3].map(() => blobs.push(descriptor, contentOf(bytes))));
      await blobs.push(descriptor, contentOf(bytes));
      expect(await same(blobs.fetch(descriptor), bytes)).toBe(true);
    });

    test('stay what was pushed when its buffer is used again', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('a buffer that is used again');
      const pushed = Buffer.from(bytes);
      await blobs.push(descriptor, contentOf(pushed));
      pushed.fill(0);
      const fetched = await readAll(blobs.fetch(descriptor), { limit });
      expect(Buffer.compare(fetched, bytes)).toBe(0);
      fetched.fill(0);
      for await (const piece of blobs.fetch(descriptor)) piece.fill(0);
      expect(await same(blobs.fetch(descriptor), bytes)).toBe(true);
    });

    test('are not there before they are pushed', async () => {
      const { blobs } = await open();
      const { descriptor } = sampleBlob('never pushed');
      expect(await blobs.exists(descriptor)).toBe(false);
      await expect(readAll(blobs.fetch(descriptor), { limit })).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    test.each([
      ['other bytes', 'expected cöntent!'],
      ['fewer bytes', 'expected'],
      ['more bytes', 'expected content!! and more'],
      ['no bytes', ''],
    ])('are refused, and not stored, with %s than the descriptor says', async (_, found) => {
      const { blobs } = await open();
      const { descriptor } = sampleBlob('expected content!!');
      await expect(blobs.push(descriptor, inPieces(Buffer.from(found), 5))).rejects.toMatchObject({
        code: 'content-mismatch',
      });
      expect(await blobs.exists(descriptor)).toBe(false);
    });

    test('are not stored when their source fails', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('half of it comes');
      await expect(blobs.push(descriptor, failingAfter(bytes.subarray(0, 8)))).rejects.toThrow(
        'the source failed',
      );
      expect(await blobs.exists(descriptor)).toBe(false);
    });

    test('are not stored when they are aborted on the way', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('a part of it comes, and more would');
      const controller = new AbortController();
      const content = (async function* (): Content {
        for await (const piece of inPieces(bytes, 8)) {
          yield piece;
          controller.abort(new Error('enough'));
        }
      })();
      const options = { signal: controller.signal };
      await expect(blobs.push(descriptor, content, options)).rejects.toThrow();
      expect(await blobs.exists(descriptor)).toBe(false);
    });

    test('are left alone by operations that are aborted', async () => {
      const { blobs } = await open();
      const { descriptor, bytes } = sampleBlob('aborted');
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(blobs.push(descriptor, contentOf(bytes), { signal })).rejects.toThrow();
      expect(await blobs.exists(descriptor)).toBe(false);
      await expect(blobs.exists(descriptor, { signal })).rejects.toThrow();
      await expect(readAll(blobs.fetch(descriptor, { signal }), { limit })).rejects.toThrow();
    });
  });

  async function same(content: Content, bytes: Uint8Array): Promise<boolean> {
    return Buffer.compare(await readAll(content, { limit }), bytes) === 0;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* inPieces(bytes: Uint8Array, size: number): Content {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* failingAfter(bytes: Uint8Array): Content {
  yield bytes;
  throw new Error('the source failed');
}
