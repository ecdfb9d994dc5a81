import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import type { ObjectStore } from '../index.js';
import {
  countedBody,
  existing,
  failingAfter,
  gathered,
  inPieces,
  keysOf,
  plain,
  sampleBytes,
  text,
  textOf,
} from './samples.js';

export function objectContract(
  open: () => Promise<ObjectStore>,
  { cacheControl }: { readonly cacheControl: boolean },
): void {
  describe('its objects', () => {
    test('come back byte for byte, with their labels', async () => {
      const store = await open();
      const bytes = text('{"versions":[]}');
      const labels = {
        contentType: 'application/json',
        ...(cacheControl && { cacheControl: 'max-age=60' }),
      };
      const version = await store.put('registry/acme/versions', bytes, {
        mode: 'create',
        ...labels,
      });
      const info = { key: 'registry/acme/versions', size: bytes.byteLength, version, ...labels };
      expect(await store.head('registry/acme/versions')).toEqual(info);
      const object = await existing(store, 'registry/acme/versions');
      expect(object).toMatchObject(info);
      expect(Buffer.from(await object.bytes(100))).toEqual(bytes);
      const [listed] = await gathered(store.list(''));
      expect(listed).toMatchObject({ key: info.key, size: info.size, version });
    });

    test('lose a label that the next write does not give', async () => {
      const store = await open();
      await store.put('a', text('1'), { ...plain('create'), cacheControl: 'no-store' });
      await store.put('a', text('2'), plain('overwrite'));
      expect(await store.head('a')).not.toHaveProperty('cacheControl');
    });

    test.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_001])(
      'may have %i bytes',
      async (size) => {
        const store = await open();
        const bytes = sampleBytes(size);
        const body = countedBody(bytes);
        const version = await store.put('a/sized', body, plain('create'));
        expect(await store.head('a/sized')).toMatchObject({ size, version });
        const object = await existing(store, 'a/sized');
        // Each time from the beginning.
        for (let time = 0; time < 2; time += 1) {
          const read = Buffer.concat(await gathered(object.content()));
          expect(read.byteLength).toBe(size);
          expect(read.equals(bytes)).toBe(true);
        }
        expect(Buffer.compare(await object.bytes(size), bytes)).toBe(0);
      },
    );

    test('are absent before they are stored, and after they are deleted', async () => {
      const store = await open();
      const absent = async () => {
        expect(await store.head('some/key')).toBeUndefined();
        expect(await store.get('some/key')).toBeUndefined();
        expect(await keysOf(store)).toEqual([]);
      };
      await absent();
      await store.delete('some/key');
      await store.put('some/key', text('here'), plain('create'));
      await store.delete('some/key');
      await absent();
      await store.put('some/key', text('again'), plain('create'));
      expect(await textOf(store, 'some/key')).toBe('again');
    });

    test('stay what was stored when buffers are used again', async () => {
      const store = await open();
      const bytes = Buffer.from('a buffer that is used again');
      await store.put('a', bytes, plain('create'));
      bytes.fill(0);
      const object = await existing(store, 'a');
      (await object.bytes(100)).fill(0);
      for await (const piece of object.content()) piece.fill(0);
      expect(Buffer.from(await object.bytes(100)).toString()).toBe('a buffer that is used again');
      expect(await textOf(store, 'a')).toBe('a buffer that is used again');
    });

    test('are not read beyond what the reader allows', async () => {
      const store = await open();
      await store.put('a', text('12345'), plain('create'));
      const object = await existing(store, 'a');
      await expect(object.bytes(4)).rejects.toMatchObject({ code: 'content-too-large' });
      expect(Buffer.from(await object.bytes(5)).toString()).toBe('12345');
    });

    test('are what they were when they were got, or say that they changed', async () => {
      const store = await open();
      const [before, after] = [sampleBytes(3_000_000), sampleBytes(3_000_000, 2)];
      await store.put('large', before, plain('create'));
      await store.put('small', text('before'), plain('create'));
      const large = await existing(store, 'large');
      const small = await existing(store, 'small');
      await store.put('large', after, plain('overwrite'));
      await store.delete('small');
      const read = await large.bytes(3_000_000).catch((error: unknown) => error);
      if (read instanceof Error) expect(read).toMatchObject({ code: 'changed' });
      else expect(Buffer.compare(read as Uint8Array, before)).toBe(0);
      expect(Buffer.from(await small.bytes(100)).toString()).toBe('before');
    });

    describe.each([
      ['new', undefined],
      ['replaced', 'before'],
    ])('when one is %s', (_, before) => {
      const expected = text('expected content!!');
      const sha256 = createHash('sha256').update(expected).digest('hex');
      const opened = async () => {
        const store = await open();
        if (before !== undefined) await store.put('a/b', text(before), plain('create'));
        return store;
      };
      const mode = plain('overwrite');

      test.each([
        ['fewer bytes', 'expected'],
        ['more bytes', 'expected content!! and more'],
        ['other bytes', 'expected cöntent!'],
        ['no bytes', ''],
      ])('%s than its body says are refused', async (_what, found) => {
        const store = await opened();
        const body = { size: expected.byteLength, sha256, open: () => inPieces(text(found), 5) };
        await expect(store.put('a/b', body, mode)).rejects.toMatchObject({
          code: 'content-mismatch',
        });
        expect(await textOf(store, 'a/b')).toBe(before);
        await store.put('a/b', { ...body, open: () => inPieces(expected, 5) }, mode);
        expect(await textOf(store, 'a/b')).toBe('expected content!!');
      });

      test('the failure of its source is passed on as it is', async () => {
        const store = await opened();
        const body = { size: 18, open: () => failingAfter(text('expected')) };
        await expect(store.put('a/b', body, mode)).rejects.toThrow('the source failed');
        expect(await textOf(store, 'a/b')).toBe(before);
      });

      test('it can be aborted on the way', async () => {
        const store = await opened();
        const controller = new AbortController();
        const { signal } = controller;
        const body = {
          size: expected.byteLength,
          async *open() {
            for await (const piece of inPieces(expected, 8)) {
              yield piece;
              controller.abort(new Error('enough'));
            }
          },
        };
        await expect(store.put('a/b', body, { ...mode, signal })).rejects.toThrow('enough');
        expect(await textOf(store, 'a/b')).toBe(before);
      });
    });

    test('are left alone by operations that are aborted before', async () => {
      const store = await open();
      await store.put('a', text('kept'), plain('create'));
      const signal = AbortSignal.abort(new Error('enough'));
      const aborted = [
        () => store.head('a', { signal }),
        () => store.get('a', { signal }),
        () => store.put('a', text('lost'), { ...plain('overwrite'), signal }),
        () => store.delete('a', { signal }),
        () => gathered(store.list('', { signal })),
        () => store.copy({ store, key: 'a' }, 'b', { mode: 'create', signal }),
        () => store.honoursConditions({ signal }),
        async () => gathered((await existing(store, 'a')).content({ signal })),
      ];
      for (const operation of aborted) await expect(operation()).rejects.toThrow('enough');
      expect(await keysOf(store)).toEqual(['a']);
      expect(await textOf(store, 'a')).toBe('kept');
    });
  });
}
