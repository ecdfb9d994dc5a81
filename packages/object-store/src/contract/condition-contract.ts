import { describe, expect, test } from 'vitest';

import { failedWith, type ObjectStore, type Version } from '../index.js';
import { countedBody, keysOf, plain, sampleBytes, text, textOf } from './samples.js';

export function conditionContract(
  open: () => Promise<ObjectStore>,
  { honoured }: { readonly honoured: boolean },
): void {
  test(`says that conditions are ${honoured ? 'honoured' : 'ignored'}, and leaves nothing behind`, async () => {
    const store = await open();
    expect(await store.honoursConditions()).toBe(honoured);
    expect(await store.honoursConditions()).toBe(honoured);
    expect(await keysOf(store)).toEqual([]);
  });
  if (!honoured) return;

  describe('its conditions', () => {
    const large = sampleBytes(6_000_000);

    test.each([
      ['a small object', text('second')],
      ['a large object', large],
    ])('create %s once', async (_, bytes) => {
      const store = await open();
      const version = await store.put('a/b', text('first'), plain('create'));
      const body = countedBody(bytes);
      await expect(store.put('a/b', body, plain('create'))).rejects.toMatchObject({
        code: 'exists',
        message: expect.stringContaining('a/b') as string,
      });
      expect(await store.head('a/b')).toMatchObject({ version, size: 5 });
    });

    test.each([
      ['a small object', text('third')],
      ['a large object', large],
    ])('replace by %s exactly the version they name', async (_, bytes) => {
      const store = await open();
      const first = await store.put('a', text('first'), plain('create'));
      const second = await store.put('a', text('second'), plain({ replace: first }));
      expect(second).not.toBe(first);
      await expect(store.put('a', bytes, plain({ replace: first }))).rejects.toMatchObject({
        code: 'changed',
        message: expect.stringContaining('read it again') as string,
      });
      expect(await textOf(store, 'a')).toBe('second');
      const third = await store.put('a', bytes, plain({ replace: second }));
      expect(await store.head('a')).toMatchObject({ version: third, size: bytes.byteLength });
    });

    test.each(['a', 'b'])('do not replace %s, which is absent', async (key) => {
      const store = await open();
      const version = await store.put('a', text('first'), plain('create'));
      await store.delete('a');
      const replacing = store.put(key, text('second'), plain({ replace: version }));
      await expect(replacing).rejects.toMatchObject({ code: 'changed' });
      expect(await keysOf(store)).toEqual([]);
    });

    test('let one of many create', async () => {
      const store = await open();
      const writers = Array.from({ length: 12 }, (_, at) => String(at));
      const created = await Promise.all(
        writers.map((writer) => succeeded(store.put('a/b', text(writer), plain('create')))),
      );
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await textOf(store, 'a/b')).toBe(writers[created.indexOf(true)]);
    });

    test('let one of many replace', async () => {
      const store = await open();
      const replace = await store.put('a/b', text('first'), plain('create'));
      const writers = Array.from({ length: 12 }, (_, at) => String(at));
      const replaced = await Promise.all(
        writers.map((writer) => succeeded(store.put('a/b', text(writer), plain({ replace })))),
      );
      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect(await textOf(store, 'a/b')).toBe(writers[replaced.indexOf(true)]);
    });

    test('lose nothing of what many add to one object', async () => {
      const store = await open();
      const writers = Array.from({ length: 8 }, (_, at) => `w${at}`);
      await Promise.all(
        writers.map(async (writer) => {
          for (let round = 0; round < 3; round += 1) await add(store, 'list', `${writer}.${round}`);
        }),
      );
      const lines = (await textOf(store, 'list'))?.trimEnd().split('\n');
      const expected = writers.flatMap((writer) => [0, 1, 2].map((round) => `${writer}.${round}`));
      expect(lines?.sort()).toEqual(expected);
    });
  });
}

/** Adds a line to an object by compare-and-swap. */
async function add(store: ObjectStore, key: string, line: string): Promise<Version> {
  for (;;) {
    const current = await store.get(key);
    const before = current ? Buffer.from(await current.bytes(64 * 1024)).toString() : '';
    const mode = current ? { replace: current.version } : 'create';
    try {
      return await store.put(key, text(`${before}${line}\n`), plain(mode));
    } catch (error) {
      if (!failedWith(error, 'exists', 'changed')) throw error;
    }
  }
}

async function succeeded(write: Promise<Version>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (failedWith(error, 'exists', 'changed')) return false;
    throw error;
  }
}
