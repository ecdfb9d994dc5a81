import { serveS3 } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { countedBody, existing, failingAfter, plain, sampleBytes } from '../contract/samples.js';
import type { StreamedBody } from '../store.js';
import { openedStore } from './test/opened.js';

const mebibyte = 1024 * 1024;

describe('A large body', () => {
  test('is sent in parts, with the requests that this takes', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const body = countedBody(sampleBytes(20 * mebibyte));
    await store.put('a', body, plain('create'));
    expect(s3.operations()).toEqual([
      ...['HeadObject', 'HeadBucket', 'CreateMultipartUpload'],
      ...['UploadPart', 'UploadPart', 'UploadPart', 'CompleteMultipartUpload'],
    ]);
    expect(body.opened()).toBe(1);
    const complete = s3.requests.at(-1);
    expect(complete?.headers).toMatchObject({ 'if-none-match': '*' });
  });

  test('is not read when the condition does not hold anyway', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', Buffer.from('1'), plain('create'));
    const body = countedBody(sampleBytes(2 * mebibyte));
    await expect(store.put('a', body, plain('create'))).rejects.toMatchObject({ code: 'exists' });
    expect(body.opened()).toBe(0);
  });

  test('is read again when all of it has to be sent again', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const body = countedBody(sampleBytes(2 * mebibyte));
    s3.misbehave({ as: 'conflict', operation: 'CompleteMultipartUpload', times: 1 });
    await store.put('a', body, plain('create'));
    expect(body.opened()).toBe(2);
  });

  test('whose parts fail now and then arrives nevertheless', async () => {
    const s3 = await serveS3({ smallestPart: 1 });
    const store = openedStore(s3, {}, { partSize: 100_000 });
    const bytes = sampleBytes(2 * mebibyte);
    let count = 0;
    const when = () => (count += 1) % 3 === 0;
    s3.misbehave({ as: 'internal error', operation: 'UploadPart', when });
    s3.misbehave({ as: 'dropped', operation: 'UploadPart', times: 5, after: 3, late: true });
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    expect(Buffer.compare(await object.bytes(bytes.byteLength), bytes)).toBe(0);
  });

  test.each<[string, Partial<StreamedBody>, string]>([
    [
      'a source that fails',
      { open: () => failingAfter(sampleBytes(5 * mebibyte)) },
      'the source failed',
    ],
    ['other bytes', { sha256: 'f'.repeat(64) }, 'has the sha256'],
    ['too few bytes', { size: 11 * mebibyte }, 'ended after'],
    ['too many bytes', { size: 9 * mebibyte }, 'has more than'],
  ])('with %s is given up, and its parts are removed', async (_, wrong, message) => {
    const s3 = await serveS3();
    const store = openedStore(s3, {}, { partSize: 5 * mebibyte, concurrency: 1 });
    const body = { ...countedBody(sampleBytes(10 * mebibyte)), ...wrong };
    await expect(store.put('a', body, plain('create'))).rejects.toThrow(message);
    expect(s3.operations()).toContain('UploadPart');
    expect(s3.operations().at(-1)).toBe('AbortMultipartUpload');
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
    expect(await store.head('a')).toBeUndefined();
  });

  test('of which a part is refused is given up, and its parts are removed', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    s3.misbehave({ as: 'access denied', operation: 'UploadPart', after: 1 });
    const putting = store.put('a', countedBody(sampleBytes(40 * mebibyte)), plain('create'));
    await expect(putting).rejects.toMatchObject({ code: 'denied' });
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
    expect(s3.operations().at(-1)).toBe('AbortMultipartUpload');
    expect(s3.operations().filter((each) => each === 'UploadPart').length).toBeLessThanOrEqual(5);
  });

  test('that the caller aborts is given up, and its parts are removed', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const controller = new AbortController();
    const { signal } = controller;
    s3.misbehave({
      as: 'nothing',
      operation: 'UploadPart',
      after: 1,
      before: () => {
        controller.abort(new Error('enough'));
        return Promise.resolve();
      },
    });
    const body = countedBody(sampleBytes(40 * mebibyte));
    await expect(store.put('a', body, { ...plain('create'), signal })).rejects.toThrow('enough');
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
    expect(await store.head('a')).toBeUndefined();
  });

  test('is given up with its own error also when its parts cannot be removed', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    s3.misbehave({ as: 'access denied', operation: 'AbortMultipartUpload' });
    const body = { size: 2 * mebibyte, open: () => failingAfter(Buffer.alloc(10)) };
    await expect(store.put('a', body, plain('create'))).rejects.toThrow('the source failed');
  });

  test('has larger parts when it would have too many', async () => {
    const s3 = await serveS3({ smallestPart: 1 });
    const store = openedStore(s3, {}, { partSize: 10_000, mostParts: 30 });
    const bytes = sampleBytes(2 * mebibyte);
    await store.put('a', countedBody(bytes), plain('overwrite'));
    expect(s3.operations().filter((each) => each === 'UploadPart')).toHaveLength(30);
    expect(Buffer.compare(await (await existing(store, 'a')).bytes(2 * mebibyte), bytes)).toBe(0);
  });
});

describe('256 MiB', () => {
  const size = 256 * mebibyte;

  test('are stored with no more than a few parts in memory', async () => {
    const s3 = await serveS3({ sparse: true });
    const store = openedStore(s3, {}, { partSize: 8 * mebibyte, concurrency: 4 });
    let read = 0;
    let most = 0;
    const body: StreamedBody = {
      size,
      // eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
      async *open() {
        const piece = new Uint8Array(mebibyte);
        for (; read < size; read += mebibyte) {
          most = Math.max(most, read - s3.traffic.received);
          yield piece;
        }
      },
    };
    await store.put('a', body, plain('create'));
    expect(await store.head('a')).toMatchObject({ size });
    // Four parts on their way, and one that is being filled.
    expect(most).toBeLessThanOrEqual(5 * 8 * mebibyte);
    expect(most).toBeGreaterThan(8 * mebibyte);
  }, 120_000);

  test('are read with no more than the beginning, and what connections hold, in memory', async () => {
    const s3 = await serveS3({ sparse: true });
    const store = openedStore(s3);
    const zeros = { size, open: () => repeated(new Uint8Array(mebibyte), size / mebibyte) };
    await store.put('a', zeros, plain('create'));
    const { sent: before } = s3.traffic;
    let consumed = 0;
    let most = 0;
    for await (const piece of (await existing(store, 'a')).content()) {
      consumed += piece.byteLength;
      most = Math.max(most, s3.traffic.sent - before - consumed);
    }
    expect(consumed).toBe(size);
    expect(most).toBeLessThan(24 * mebibyte);
  }, 120_000);
});

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* repeated(piece: Uint8Array, times: number): AsyncIterable<Uint8Array> {
  for (let time = 0; time < times; time += 1) yield piece;
}
