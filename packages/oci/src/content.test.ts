import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { contentOf, readAll, verified, type Content } from './content.js';
import { descriptorOf, type Descriptor } from './descriptor.js';

const limit = 1024 * 1024;

/** Content in pieces, which keeps count of how many were taken and whether it was closed. */
function source(pieces: readonly Uint8Array[]) {
  const seen = { taken: 0, closed: false };
  async function* content(): Content {
    try {
      for (const piece of pieces) {
        seen.taken += 1;
        await Promise.resolve();
        yield piece;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, content: content() };
}

/** What a reader has got when the content ends, and the error if it did so with one. */
async function received(content: Content): Promise<{ bytes: Uint8Array; error?: unknown }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of content) pieces.push(piece);
    return { bytes: Buffer.concat(pieces) };
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error };
  }
}

const blob = (text: string): Descriptor => descriptorOf('text/plain', Buffer.from(text));

describe('Verified content', () => {
  test('is the same content, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), async (pieces) => {
        const bytes = Buffer.concat(pieces);
        const read = await received(
          verified(source(pieces).content, descriptorOf('text/x', bytes)),
        );
        expect(read).toEqual({ bytes });
      }),
    );
  });

  test('never ends without an error, nor hands out all bytes, when it is other content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array()),
        fc.uint8Array(),
        fc.nat({ max: 1 }),
        async (pieces, expected, sameSize) => {
          const bytes = Buffer.concat(pieces);
          fc.pre(Buffer.compare(bytes, expected) !== 0);
          const descriptor = {
            ...descriptorOf('text/x', expected),
            ...(sameSize === 1 && { size: bytes.byteLength }),
          };
          const read = await received(verified(source(pieces).content, descriptor));
          expect(read.error).toMatchObject({ name: 'OciError', code: 'content-mismatch' });
          if (descriptor.size > 0) expect(read.bytes.byteLength).toBeLessThan(descriptor.size);
        },
      ),
    );
  });

  test('is cut as soon as more comes than its size, and its source is closed', async () => {
    const pieces = Array.from({ length: 100 }, () => Buffer.alloc(10));
    const { content, seen } = source(pieces);
    const read = await received(verified(content, { ...blob(''), size: 25 }));
    expect(read.error).toMatchObject({ code: 'content-mismatch' });
    expect(read.error).toHaveProperty(
      'message',
      expect.stringContaining('longer than its 25 bytes'),
    );
    expect(read.bytes.byteLength).toBeLessThan(25);
    expect(seen).toEqual({ taken: 3, closed: true });
  });

  test('closes its source when the reader stops early', async () => {
    const { content, seen } = source(['one', 'two', 'three'].map((text) => Buffer.from(text)));
    for await (const piece of verified(content, blob('onetwothree'))) {
      expect(piece.toString()).toBe('one');
      break;
    }
    expect(seen.closed).toBe(true);
  });

  test('is checked with the algorithm of its digest', async () => {
    const bytes = Buffer.from('sha512');
    const hex = createHash('sha512').update(bytes).digest('hex');
    const descriptor: Descriptor = { mediaType: 'text/x', digest: `sha512:${hex}`, size: 6 };
    expect(await received(verified(contentOf(bytes), descriptor))).toEqual({ bytes });
    const { error } = await received(verified(contentOf(Buffer.from('SHA512')), descriptor));
    expect(error).toMatchObject({ code: 'content-mismatch' });
  });

  test('says where it came from', async () => {
    const { error } = await received(
      verified(contentOf(Buffer.from('a')), blob('b'), { from: 'example.com/acme' }),
    );
    expect(error).toHaveProperty('message', expect.stringContaining('from example.com/acme'));
  });
});

describe('Reading all of a content', () => {
  test('joins its pieces', async () => {
    const { content } = source(['a', 'b', '', 'c'].map((text) => Buffer.from(text)));
    expect(Buffer.from(await readAll(content, { limit })).toString()).toBe('abc');
  });

  test('stops at the limit', async () => {
    const { content, seen } = source(Array.from({ length: 100 }, () => Buffer.alloc(10)));
    await expect(readAll(content, { limit: 35 })).rejects.toMatchObject({
      code: 'content-too-large',
    });
    expect(seen).toEqual({ taken: 4, closed: true });
    expect((await readAll(contentOf(Buffer.alloc(35)), { limit: 35 })).byteLength).toBe(35);
  });
});
