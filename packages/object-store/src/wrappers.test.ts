import { describe, expect, test } from 'vitest';

import { objectStoreContract } from './contract.js';
import { keysOf, plain, text, textOf } from './contract/samples.js';
import { memoryStore, prefixed, readOnly } from './index.js';

objectStoreContract('A part of a store', () =>
  Promise.resolve(prefixed(memoryStore(), 'teleport-plugins/tag')),
);

describe('A part of a store', () => {
  test('is what is under a folder, and not what begins like it', async () => {
    const whole = memoryStore('whole');
    for (const key of ['tag/v1/a', 'tag/v10/a', 'tag/v1', 'other']) {
      await whole.put(key, text(key), plain('create'));
    }
    const part = prefixed(whole, 'tag/v1');
    expect(part.name).toBe('whole/tag/v1');
    expect(await keysOf(part)).toEqual(['a']);
    await part.put('b', text('b'), plain('create'));
    expect(await keysOf(whole, 'tag/v1/')).toEqual(['tag/v1/a', 'tag/v1/b']);
    expect((await part.get('b'))?.key).toBe('b');
    await part.copy({ store: whole, key: 'other' }, 'c', { mode: 'create' });
    expect(await textOf(whole, 'tag/v1/c')).toBe('other');
    expect(await keysOf(prefixed(prefixed(whole, 'tag'), 'v1'))).toEqual(['a', 'b', 'c']);
  });

  test.each(['', '/', 'a/', '../a'])('is not under %j', (prefix) => {
    expect(() => prefixed(memoryStore(), prefix)).toThrow(
      expect.objectContaining({ code: 'key-invalid' }),
    );
  });

  test('does not take keys that are too long together', async () => {
    const part = prefixed(memoryStore(), 'x'.repeat(1000));
    await expect(part.put('y'.repeat(30), text(''), plain('create'))).rejects.toMatchObject({
      code: 'key-invalid',
    });
  });
});

describe('A store for reading', () => {
  test('reads, and refuses every write', async () => {
    const store = memoryStore('memory');
    await store.put('a', text('kept'), plain('create'));
    const reading = readOnly(store);
    expect(reading.name).toBe('memory');
    expect(await textOf(reading, 'a')).toBe('kept');
    expect(await reading.head('a')).toEqual(await store.head('a'));
    expect(await keysOf(reading)).toEqual(['a']);
    const writes = [
      () => reading.put('a', text('x'), plain('overwrite')),
      () => reading.copy({ store, key: 'a' }, 'b', { mode: 'create' }),
      () => reading.delete('a'),
      () => reading.honoursConditions(),
    ];
    for (const write of writes) {
      await expect(write()).rejects.toMatchObject({
        code: 'read-only',
        message: expect.stringContaining('memory was opened for reading') as string,
      });
    }
    expect(await textOf(store, 'a')).toBe('kept');
  });
});
