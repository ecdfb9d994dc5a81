import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { memoryStore, type ObjectStore } from '../index.js';
import { existing, keysOf, plain, sampleBytes, text, textOf } from './samples.js';

export function copyContract(
  open: () => Promise<ObjectStore>,
  has: { readonly cacheControl: boolean; readonly conditions: boolean },
): void {
  describe('its copies', () => {
    const bytes = sampleBytes(1_500_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const labels = {
      contentType: 'application/zip',
      ...(has.cacheControl && { cacheControl: 'immutable' }),
    };

    test.each(['the same store', 'another store'])('from %s are the same bytes', async (where) => {
      const store = await open();
      const from = where === 'the same store' ? store : memoryStore();
      await from.put('from/it.zip', bytes, { mode: 'create', ...labels });
      for (const mode of ['create', 'overwrite'] as const) {
        const source = { store: from, key: 'from/it.zip' };
        const version = await store.copy(source, 'to/it.zip', { mode, sha256 });
        const object = await existing(store, 'to/it.zip');
        expect(object).toMatchObject({ size: bytes.byteLength, version, ...labels });
        expect(Buffer.compare(await object.bytes(bytes.byteLength), bytes)).toBe(0);
      }
      expect(await from.head('from/it.zip')).toMatchObject(labels);
    });

    test('may be labelled otherwise', async () => {
      const store = await open();
      await store.put('a', text('{}'), { mode: 'create', ...labels });
      const options = { mode: 'create', contentType: 'application/json' } as const;
      await store.copy({ store, key: 'a' }, 'b', options);
      expect(await store.head('b')).toMatchObject({ ...labels, contentType: 'application/json' });
      const uncached = { ...options, cacheControl: 'no-store' };
      await store.copy({ store, key: 'a' }, 'c', uncached);
      if (has.cacheControl)
        expect(await store.head('c')).toMatchObject({ cacheControl: 'no-store' });
      expect(await textOf(store, 'c')).toBe('{}');
    });

    test('may be empty', async () => {
      const store = await open();
      await store.put('a', text(''), plain('create'));
      const empty = createHash('sha256').digest('hex');
      await store.copy({ store, key: 'a' }, 'b', { mode: 'create', sha256: empty });
      expect(await store.head('b')).toMatchObject({ size: 0, contentType: 'text/plain' });
    });

    test('of nothing are refused', async () => {
      const store = await open();
      const copying = store.copy({ store, key: 'absent' }, 'b', { mode: 'overwrite' });
      await expect(copying).rejects.toMatchObject({ code: 'not-found' });
      const other = { store: memoryStore(), key: 'absent' };
      await expect(store.copy(other, 'b', { mode: 'overwrite' })).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(await keysOf(store)).toEqual([]);
    });

    test('of other bytes than expected are refused', async () => {
      const store = await open();
      await store.put('a', text('other bytes'), plain('create'));
      await store.put('b', text('before'), plain('create'));
      const copying = store.copy({ store, key: 'a' }, 'b', { mode: 'overwrite', sha256 });
      await expect(copying).rejects.toMatchObject({ code: 'content-mismatch' });
      expect(await textOf(store, 'b')).toBe('before');
    });

    if (has.conditions)
      test('keep to their mode', async () => {
        const store = await open();
        await store.put('a', text('new'), plain('create'));
        const first = await store.put('b', text('old'), plain('create'));
        const source = { store, key: 'a' };
        await expect(store.copy(source, 'b', { mode: 'create' })).rejects.toMatchObject({
          code: 'exists',
        });
        expect(await textOf(store, 'b')).toBe('old');
        await store.copy(source, 'b', { mode: { replace: first } });
        expect(await textOf(store, 'b')).toBe('new');
        await expect(store.copy(source, 'b', { mode: { replace: first } })).rejects.toMatchObject({
          code: 'changed',
        });
      });
  });
}
