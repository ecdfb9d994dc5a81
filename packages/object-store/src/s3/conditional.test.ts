import { serveS3, type S3Misbehaviour } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { keysOf, plain, sampleBytes, text, textOf } from '../contract/samples.js';
import { memoryStore } from '../memory.js';
import type { ObjectStore } from '../store.js';
import { openedStore } from './test/opened.js';

/** The request that has the effect, for a small body and for one in parts. */
const kinds = [
  ['PutObject', text('ours')],
  ['CompleteMultipartUpload', sampleBytes(2_000_000)],
] as const;

/** Ways to lose an answer. */
const losses: readonly S3Misbehaviour['as'][] = ['dropped', 'internal error', 'html'];

describe.each(kinds)('A write by %s', (operation, bytes) => {
  test.each(losses)('whose answer was lost (%s) is known again when it creates', async (as) => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    s3.misbehave({ as, operation, late: true, times: 1 });
    const version = await store.put('a', bytes, plain('create'));
    expect(await store.head('a')).toMatchObject({ version, size: bytes.byteLength });
    expect(s3.operations().filter((each) => each === operation)).toHaveLength(2);
  });

  test.each(losses)('whose answer was lost (%s) is known again when it replaces', async (as) => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const first = await store.put('a', text('first'), plain('create'));
    s3.misbehave({ as, operation, late: true, times: 1 });
    const version = await store.put('a', bytes, plain({ replace: first }));
    expect(version).not.toBe(first);
    expect(await store.head('a')).toMatchObject({ version, size: bytes.byteLength });
  });

  test('whose answer was lost is not taken for that of somebody else, even of the same bytes', async () => {
    const s3 = await serveS3();
    const [store, other] = [openedStore(s3), openedStore(s3)];
    s3.misbehave({
      as: 'internal error',
      operation,
      times: 1,
      // Before the repetition somebody else is there.
      before: () => other.put('a', bytes, plain('create')),
    });
    await expect(store.put('a', bytes, plain('create'))).rejects.toMatchObject({ code: 'exists' });
  });

  test.each(['create', 'replace'] as const)('in a conflict is repeated (%s)', async (mode) => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const version =
      mode === 'create' ? undefined : await store.put('a', text('1'), plain('create'));
    s3.misbehave({ as: 'conflict', operation, times: 3 });
    await store.put('a', bytes, plain(version === undefined ? 'create' : { replace: version }));
    expect(await store.head('a')).toMatchObject({ size: bytes.byteLength });
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
  });

  test('in a conflict that lasts is told that others write', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    s3.misbehave({ as: 'conflict', operation });
    await expect(store.put('a', bytes, plain('create'))).rejects.toMatchObject({
      code: 'changed',
      transient: true,
    });
    expect(s3.operations().filter((each) => each === operation)).toHaveLength(6);
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
  });

  test('that comes second, after all was sent, is refused and leaves nothing', async () => {
    const s3 = await serveS3();
    const [store, other] = [openedStore(s3), openedStore(s3)];
    const first = await store.put('b', text('first'), plain('create'));
    for (const [key, mode, code] of [
      ['a', 'create', 'exists'],
      ['b', { replace: first }, 'changed'],
    ] as const) {
      const overtake = (): Promise<unknown> => other.put(key, text('theirs'), plain('overwrite'));
      const undo = s3.misbehave({ as: 'nothing', operation, key, times: 1, before: overtake });
      await expect(store.put(key, bytes, plain(mode))).rejects.toMatchObject({ code });
      undo();
      expect(await textOf(store, key)).toBe('theirs');
    }
    expect(s3.unfinishedUploads('bucket')).toEqual([]);
  });

  test('of an object that was deleted meanwhile is refused as changed', async () => {
    const s3 = await serveS3();
    const [store, other]: readonly ObjectStore[] = [openedStore(s3), openedStore(s3)];
    const first = await store!.put('a', text('first'), plain('create'));
    s3.misbehave({ as: 'nothing', operation, times: 1, before: () => other!.delete('a') });
    await expect(store!.put('a', bytes, plain({ replace: first }))).rejects.toMatchObject({
      code: 'changed',
    });
    expect(await store!.head('a')).toBeUndefined();
  });
});

test.each(kinds)('Who may write and not read creates by %s', async (operation, bytes) => {
  const s3 = await serveS3();
  const [store, other] = [openedStore(s3), openedStore(s3)];
  s3.misbehave({ as: 'access denied', operation: 'HeadObject' });
  await store.put('a', bytes, plain('create'));
  await expect(store.put('a', bytes, plain('create'))).rejects.toMatchObject({ code: 'exists' });
  // Not even when the answer got lost: that cannot be found out then.
  s3.misbehave({ as: 'dropped', operation, key: 'b', late: true, times: 1 });
  await expect(store.put('b', bytes, plain('create'))).rejects.toMatchObject({
    code: operation === 'PutObject' ? 'exists' : 'changed',
  });
  const memory = memoryStore();
  await memory.put('c', bytes, plain('create'));
  await store.copy({ store: memory, key: 'c' }, 'c', { mode: 'create' });
  expect(await keysOf(other)).toEqual(['a', 'b', 'c']);
  expect(s3.unfinishedUploads('bucket')).toEqual([]);
});

test('The id by which a write is known again is of one write only', async () => {
  const s3 = await serveS3();
  const store = openedStore(s3);
  const ids = new Set<string | undefined>();
  for (const bytes of [text('1'), text('1'), sampleBytes(2_000_000)]) {
    await store.put('a', bytes, plain('overwrite'));
    const metadata = s3.metadata('bucket', 'a') ?? {};
    expect(Object.keys(metadata)).toEqual(['x-amz-meta-write-id']);
    ids.add(metadata['x-amz-meta-write-id']);
  }
  expect(ids.size).toBe(3);
});
