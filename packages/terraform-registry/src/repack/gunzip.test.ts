import { gunzipSync, gzipSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { attemptAsync } from '../test/attempt.js';
import { collect, inPieces, programBytes } from '../test/content.js';
import { gunzip } from './gunzip.js';

const read = (bytes: Uint8Array, cuts: readonly number[] = []) =>
  collect(gunzip(inPieces(bytes, cuts), 'x.tar.gz'));

const damage = (what: string) => ({
  code: 'archive-damaged',
  message: `x.tar.gz: ${what}; build and upload the archive again`,
});

const sample = gzipSync('a small file, a small file, a small file');

describe('A gzip file', () => {
  test('is read back, however it is cut into pieces', async () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), cuts, async (bytes, sizes) => {
        expect(await read(gzipSync(bytes), sizes)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('of many pieces is read back', async () => {
    const bytes = programBytes(3);
    expect((await read(gzipSync(bytes))).equals(bytes)).toBe(true);
  });

  test('that is cut short anywhere is damaged', async () => {
    for (let length = 0; length < sample.length; length += 1) {
      await expect(read(sample.subarray(0, length))).rejects.toMatchObject({
        code: 'archive-damaged',
      });
    }
  });

  test.each([
    ['a byte', Buffer.of(1)],
    ['a zero', Buffer.of(0)],
    ['many zeros', Buffer.alloc(1024)],
    ['text', Buffer.from('something else that is longer than a trailer')],
    ['another gzip file', sample],
  ])('that %s follows is damaged, wherever the pieces end', async (_, more) => {
    const bytes = Buffer.concat([sample, more]);
    for (const cuts of [[], [sample.length], [sample.length - 8], [sample.length - 8, 8]]) {
      await expect(read(bytes, cuts)).rejects.toMatchObject({ code: 'archive-damaged' });
    }
  });

  test.each([
    ['is too short for a gzip file', sample.subarray(0, 9)],
    ['is not a gzip file', Buffer.from('PK\u0003\u0004 is the beginning of a zip')],
    ['its gzip header has no end', withName(Buffer.alloc(70_000, 'x'))],
    ['its compressed data is cut short or damaged', sample.subarray(0, 30)],
    ['its content does not match its checksum', changed(sample, sample.length - 8)],
    ['its content does not match its checksum', changed(sample, sample.length - 1)],
  ])('%s', async (what, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject(damage(what));
  });

  test('may have a name, a comment, extra fields and a checksum of its header', async () => {
    const fields = [Buffer.of(3, 0, 1, 2, 3), Buffer.from('name\0'), Buffer.from('why\0'), [1, 2]];
    const header = Buffer.from(sample.subarray(0, 10));
    header[3] = 2 | 4 | 8 | 16;
    const bytes = Buffer.concat([
      header,
      ...fields.map((each) => Buffer.from(each)),
      sample.subarray(10),
    ]);
    expect(await read(bytes)).toEqual(gunzipSync(sample));
  });

  test('with any byte changed is damaged or says the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sample.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(sample);
        bytes[at] = byte;
        const result = await attemptAsync(() => read(bytes));
        if (!(result instanceof Error)) expect(result).toEqual(gunzipSync(sample));
      }),
      { numRuns: 500 },
    );
  });

  test('of which the source fails keeps that failure', async () => {
    const failing = (async function* () {
      yield sample.subarray(0, 20);
      await Promise.resolve();
      throw new Error('the network is gone');
    })();
    await expect(collect(gunzip(failing, 'x'))).rejects.toThrow('the network is gone');
  });

  test('that is not read to its end is given up, and its source closed', async () => {
    let closed = false;
    const source = (async function* () {
      try {
        for (let part = 0; ; part += 1) {
          await Promise.resolve();
          yield part === 0 ? gzipSync(programBytes(2)).subarray(0, 100_000) : Buffer.alloc(0);
        }
      } finally {
        closed = true;
      }
    })();
    for await (const piece of gunzip(source, 'x')) if (piece.length > 0) break;
    expect(closed).toBe(true);
  });
});

function withName(name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3), name]);
}

function changed(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
