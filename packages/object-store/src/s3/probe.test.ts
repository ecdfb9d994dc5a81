import { serveS3, type S3Options } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { keysOf, plain, text } from '../contract/samples.js';
import { openedStore } from './test/opened.js';

describe('Whether a server holds to conditions', () => {
  test.each<[boolean, S3Options]>([
    [true, {}],
    [false, { ignoresConditions: 'of all writes' }],
    [false, { ignoresConditions: 'if-match' }],
  ])('is found out (%s), once, with a key of the store’s own', async (honoured, options) => {
    const s3 = await serveS3(options);
    const store = openedStore(s3, { prefix: 'registry' });
    expect(await store.honoursConditions()).toBe(honoured);
    expect(await store.honoursConditions()).toBe(honoured);
    expect(s3.operations().filter((each) => each === 'DeleteObject')).toHaveLength(1);
    expect(s3.requests.every(({ key }) => key.startsWith('registry/.'))).toBe(true);
    expect(await keysOf(openedStore(s3))).toEqual([]);
  });

  test('is no when it refuses them as not implemented', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'not implemented', operation: 'PutObject' });
    expect(await openedStore(s3).honoursConditions()).toBe(false);
  });

  test.each(['precondition failed', 'conflict'] as const)(
    'is not taken for no because of one %s that nobody was the reason of',
    async (as) => {
      for (const after of [0, 1, 2]) {
        const s3 = await serveS3();
        s3.misbehave({ as, operation: 'PutObject', after, times: 1 });
        const store = openedStore(s3);
        expect(await store.honoursConditions()).toBe(true);
        expect(await keysOf(store)).toEqual([]);
      }
    },
  );

  test('is no when it refuses to store what is not there, each time', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'precondition failed', operation: 'PutObject' });
    const store = openedStore(s3);
    expect(await store.honoursConditions()).toBe(false);
    expect(s3.operations().filter((each) => each === 'PutObject')).toHaveLength(4);
  });

  test('is not known when it may not be tried, and is tried again', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const undo = s3.misbehave({ as: 'access denied', operation: 'PutObject' });
    await expect(store.honoursConditions()).rejects.toMatchObject({ code: 'denied' });
    undo();
    expect(await store.honoursConditions()).toBe(true);
  });

  test('leaves nothing behind when the caller aborts', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const controller = new AbortController();
    const abort = (): Promise<void> => {
      controller.abort(new Error('enough'));
      return Promise.resolve();
    };
    s3.misbehave({ as: 'nothing', operation: 'PutObject', after: 1, times: 1, before: abort });
    const { signal } = controller;
    await expect(store.honoursConditions({ signal })).rejects.toThrow('enough');
    expect(await keysOf(store)).toEqual([]);
    expect(await store.honoursConditions()).toBe(true);
  });

  test('says yes, and its key stays, where deleting is denied', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'access denied', operation: 'DeleteObject' });
    const store = openedStore(s3);
    expect(await store.honoursConditions()).toBe(true);
    expect(await keysOf(store)).toEqual([expect.stringMatching(/^\.conditional-write-probe\//)]);
  });
});

test('A large object is not stored over another one where only its conditions are ignored', async () => {
  const s3 = await serveS3({ ignoresConditions: 'of uploads' });
  const store = openedStore(s3);
  await store.put('a', text('first'), plain('create'));
  await expect(store.put('a', Buffer.alloc(2_000_000), plain('create'))).rejects.toMatchObject({
    code: 'exists',
  });
});
