import { serveS3 } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { existing, gathered, plain, sampleBytes, text } from '../contract/samples.js';
import { openedStore } from './test/opened.js';

const size = 3_000_000;
const bytes = sampleBytes(size);

describe('A large object', () => {
  test('is read on where an answer broke off', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    s3.misbehave({ as: 'cut', operation: 'GetObject', times: 9 });
    expect(Buffer.compare(await object.bytes(size), bytes)).toBe(0);
    const starts = s3.requests
      .filter(({ operation }) => operation === 'GetObject')
      .map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1]));
    // The answers got on each time, so that nine of them are not too many.
    expect(starts).toHaveLength(11);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  });

  test('is asked for again when its bytes do not come any more', async () => {
    const s3 = await serveS3();
    const timeouts = { connect: 1000, idle: 100, answer: 10_000 };
    const store = openedStore(s3, {}, { timeouts });
    await store.put('a', bytes, plain('create'));
    s3.misbehave({ as: 'stall', operation: 'GetObject', times: 3 });
    const object = await existing(store, 'a');
    expect(Buffer.compare(await object.bytes(size), bytes)).toBe(0);
    s3.misbehave({ as: 'stall', operation: 'GetObject' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'timeout', transient: true });
  });

  test('is given up when the answers do not get on', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    s3.misbehave({ as: 'dropped' });
    await expect(object.bytes(size)).rejects.toMatchObject({ code: 'unreachable' });
    expect(s3.operations().filter((each) => each === 'GetObject')).toHaveLength(7);
  });

  test('that is larger than the reader allows is not asked for', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    const before = s3.requests.length;
    await expect(object.bytes(size - 1)).rejects.toMatchObject({ code: 'content-too-large' });
    expect(s3.requests).toHaveLength(before);
  });

  test.each([
    ['replaced', {}],
    ['deleted', {}],
    ['replaced', { ignoresConditions: 'of reads' }],
  ] as const)('that was %s meanwhile is said to have changed (%o)', async (how, options) => {
    const s3 = await serveS3(options);
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    if (how === 'replaced') await store.put('a', sampleBytes(size, 2), plain('overwrite'));
    else await store.delete('a');
    await expect(object.bytes(size)).rejects.toMatchObject({ code: 'changed' });
  });

  test('that was replaced between two answers is not read on', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    s3.misbehave({ as: 'cut', operation: 'GetObject', times: 1 });
    const replace = () => store.put('a', sampleBytes(size, 2), plain('overwrite'));
    s3.misbehave({ as: 'nothing', operation: 'GetObject', after: 1, times: 1, before: replace });
    await expect(object.bytes(size)).rejects.toMatchObject({ code: 'changed' });
  });

  test('can be left in the midst, and read by several at once', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    for await (const piece of object.content()) if (piece.byteLength < 1024 * 1024) break;
    const all = await Promise.all([object.bytes(size), object.bytes(size), object.bytes(size)]);
    for (const each of all) expect(Buffer.compare(each, bytes)).toBe(0);
  });

  test('stops coming when the reader aborts', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', bytes, plain('create'));
    const object = await existing(store, 'a');
    const controller = new AbortController();
    const reading = (async () => {
      let read = 0;
      for await (const piece of object.content({ signal: controller.signal })) {
        read += piece.byteLength;
        if (read > 1024 * 1024) controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  test.each([0, 10, size])(
    'comes whole from a server without ranges (%i bytes)',
    async (length) => {
      const s3 = await serveS3({ withoutRanges: true });
      const store = openedStore(s3);
      await store.put('a', bytes.subarray(0, length), plain('create'));
      const object = await existing(store, 'a');
      s3.misbehave({ as: 'cut', operation: 'GetObject', times: 1 });
      const read = Buffer.concat(await gathered(object.content()));
      expect(read.equals(bytes.subarray(0, length))).toBe(true);
    },
  );
});

test('An empty object that gets content while it is asked for is read', async () => {
  const s3 = await serveS3();
  const store = openedStore(s3);
  const during = (before: () => Promise<unknown>) =>
    s3.misbehave({ as: 'nothing', operation: 'GetObject', after: 1, times: 1, before });
  await store.put('a', text(''), plain('create'));
  during(() => store.put('a', text('content'), plain('overwrite')));
  expect(Buffer.from(await (await existing(store, 'a')).bytes(10)).toString()).toBe('content');
  await store.put('a', text(''), plain('overwrite'));
  during(() => store.delete('a'));
  expect(await store.get('a')).toBeUndefined();
});
