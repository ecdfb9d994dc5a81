import { expect, test } from 'vitest';

import { objectStoreContract } from './contract.js';
import { memoryStore, overlaid, readOnly, type ObjectStore } from './index.js';

objectStoreContract('An overlaid store', () =>
  Promise.resolve(overlaid(readOnly(memoryStore('below')), memoryStore('above'))),
);

const plain = (mode: 'create' | 'overwrite') => ({ mode, contentType: 'text/plain' });

/** Over a store with `b` and `d`, which refuses to be written to. */
async function overTwo(): Promise<ObjectStore> {
  const below = memoryStore('below');
  for (const key of ['d', 'b']) await below.put(key, Buffer.from(`${key} below`), plain('create'));
  return overlaid(readOnly(below), memoryStore('above'));
}

const textOf = async (store: ObjectStore, key: string) =>
  Buffer.from((await (await store.get(key))?.bytes(100)) ?? []).toString();

const keysOf = async (store: ObjectStore, prefix = '') => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

test('An overlaid store has what is below, and what is written to it, in the order of keys', async () => {
  const store = await overTwo();
  for (const key of ['e', 'a', 'c']) await store.put(key, Buffer.from(key), plain('create'));
  expect(await keysOf(store)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await keysOf(store, 'b')).toEqual(['b']);
  expect(await textOf(store, 'b')).toBe('b below');
  expect(await textOf(store, 'c')).toBe('c');
});

test('What is below is not created again, and is replaced by its version only', async () => {
  const store = await overTwo();
  const body = Buffer.from('new');
  const labels = { contentType: 'text/plain' };
  await expect(store.put('b', body, plain('create'))).rejects.toMatchObject({ code: 'exists' });
  const { version } = (await store.head('b'))!;
  const both = await Promise.allSettled(
    [1, 2].map(() => store.put('b', body, { ...labels, mode: { replace: version } })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await textOf(store, 'b')).toBe('new');
  await store.put('d', body, plain('overwrite'));
  expect(await keysOf(store)).toEqual(['b', 'd']);
});

test('What is removed is gone until it is written again', async () => {
  const store = await overTwo();
  await store.delete('b');
  expect(await store.get('b')).toBeUndefined();
  expect(await keysOf(store)).toEqual(['d']);
  await store.put('b', Buffer.from('again'), plain('create'));
  expect(await textOf(store, 'b')).toBe('again');
  expect(await keysOf(store)).toEqual(['b', 'd']);
});
