import { describe, expect, test } from 'vitest';

import type { ObjectStore } from '../index.js';
import { keysOf, plain, text } from './samples.js';

export function listContract(
  open: () => Promise<ObjectStore>,
  { inOrder }: { readonly inOrder: boolean },
): void {
  describe('its listings', () => {
    const inByteOrder = async () => {
      const store = await open();
      const sorted = [
        ...['A', 'a-b', 'a.b', 'a/b', 'a/b-c/d', 'a/b.c', 'a0', 'b/a', 'z', '~'],
        // In JavaScript's own order, by UTF-16, these two are the other way round.
        ...['é', '\u{ff5e}', '\u{1f680}'],
      ];
      for (const key of [...sorted].reverse()) await store.put(key, text(key), plain('create'));
      expect(await keysOf(store)).toEqual(sorted);
    };
    if (inOrder)
      test('are in the order of the bytes of the keys, whatever the folders', inByteOrder);

    test('hold what begins with the prefix, which need not end at a slash', async () => {
      const store = await open();
      const keys = ['tag/v1/a', 'tag/v1/b/c', 'tag/v10/a', 'tag/v2', 'other', 'tag-v1'];
      for (const key of keys) await store.put(key, text(key), plain('create'));
      expect(await keysOf(store, 'tag/v1/')).toEqual(['tag/v1/a', 'tag/v1/b/c']);
      expect(await keysOf(store, 'tag/v1')).toEqual(['tag/v1/a', 'tag/v1/b/c', 'tag/v10/a']);
      expect(await keysOf(store, 'tag/v2')).toEqual(['tag/v2']);
      expect(await keysOf(store, 'tag/v2/')).toEqual([]);
      expect(await keysOf(store, 'tag/v1/b/c')).toEqual(['tag/v1/b/c']);
      expect(await keysOf(store, 'ta')).toEqual(keys.filter((key) => key !== 'other').sort());
      expect(await keysOf(store, 'nothing/here')).toEqual([]);
      expect(await keysOf(store, 'Tag')).toEqual([]);
    });

    test('are of any length, and can be left at any point', async () => {
      const store = await open();
      const keys = Array.from({ length: 60 }, (_, at) => `many/${String(at).padStart(3, '0')}`);
      for (const key of keys) await store.put(key, text(key), plain('create'));
      expect(await keysOf(store, 'many/')).toEqual(keys);
      for await (const { key } of store.list('many/')) if (key === 'many/030') break;
    });

    test('say the size and the version of each object', async () => {
      const store = await open();
      const version = await store.put('a', text('123'), plain('create'));
      for await (const info of store.list('')) {
        expect(info).toMatchObject({ key: 'a', size: 3, version });
      }
    });
  });
}
