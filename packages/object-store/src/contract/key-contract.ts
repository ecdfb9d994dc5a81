import { describe, expect, test } from 'vitest';

import type { ObjectStore } from '../index.js';
import { gathered, keysOf, plain, text, textOf } from './samples.js';

const unusualKeys = [
  '.well-known/terraform.json',
  'with space/and  two',
  'plus+plus',
  'per%20cent',
  '%2e%2e/%2F',
  'quotes"\'`',
  'query?a=b&c=d',
  'frag#ment',
  '<angle>&amp;',
  'semi;colon:at@equals=comma,',
  '(round)[square]{curly}',
  '~tilde/!bang/*star/$dollar',
  'back|pipe^caret',
  'é as one/é as two',
  '日本語/🚀/emoji',
  'dots.../...',
  ' leading and trailing ',
  'teleport-plugins/tag/terraform-provider-teleport-v9.1.3/x-v9.1.3-linux-amd64-bin.tar.gz.sha256',
  `long/${'segment-of-thirty-characters--/'.repeat(32)}end`,
];

export function keyContract(open: () => Promise<ObjectStore>): void {
  describe('its keys', () => {
    test('may have whatever a key may have', async () => {
      const store = await open();
      const keys = unusualKeys;
      for (const key of keys) {
        await store.put(key, text(`content of ${key}`), plain('overwrite'));
        expect(await textOf(store, key)).toBe(`content of ${key}`);
        expect((await store.head(key))?.key).toBe(key);
        expect(await keysOf(store, key)).toEqual([key]);
      }
      expect(new Set(await keysOf(store))).toEqual(new Set(keys));
      for (const key of keys) await store.delete(key);
      expect(await keysOf(store)).toEqual([]);
    });

    test('are told apart in full', async () => {
      const store = await open();
      const keys = ['a', 'ab', 'a.b', 'b/a', 'b/a.b', 'b-a'];
      for (const key of keys) await store.put(key, text(key), plain('create'));
      for (const key of keys) expect(await textOf(store, key)).toBe(key);
      await store.delete('a');
      expect(await keysOf(store)).toEqual(['a.b', 'ab', 'b-a', 'b/a', 'b/a.b']);
    });

    test('can be a folder of others once the object is deleted, and the other way round', async () => {
      const store = await open();
      await store.put('a/b/c', text('deep'), plain('create'));
      await store.delete('a/b/c');
      await store.put('a', text('flat'), plain('create'));
      await store.delete('a');
      await store.put('a/b', text('deep'), plain('create'));
      expect(await keysOf(store)).toEqual(['a/b']);
      expect(await store.head('a')).toBeUndefined();
      expect(await store.head('a/b/c')).toBeUndefined();
    });

    test.each(['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'a\nb', 'a\\b', '\ud800'])(
      'are not such as %j',
      async (key) => {
        const store = await open();
        await store.put('a', text('kept'), plain('create'));
        const operations = [
          () => store.head(key),
          () => store.get(key),
          () => store.put(key, text('x'), plain('overwrite')),
          () => store.copy({ store, key: 'a' }, key, { mode: 'overwrite' }),
          () => store.copy({ store, key }, 'b', { mode: 'overwrite' }),
          () => store.delete(key),
        ];
        for (const operation of operations) {
          await expect(operation()).rejects.toMatchObject({ code: 'key-invalid' });
        }
        expect(await keysOf(store)).toEqual(['a']);
      },
    );

    test.each(['/', 'a//', '../', 'a\0'])('do not begin with %j', async (prefix) => {
      const store = await open();
      await expect(gathered(store.list(prefix))).rejects.toMatchObject({ code: 'key-invalid' });
    });
  });
}
