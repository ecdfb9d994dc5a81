import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import {
  existing,
  gathered,
  keysOf,
  plain,
  sampleBytes,
  text,
  textOf,
} from '../contract/samples.js';
import { directoryStore, directoryStoreIn } from './directory-store.js';
import type { Surroundings } from './surroundings.js';

const json = { contentType: 'application/json', cacheControl: 'max-age=60' } as const;

describe('A directory', () => {
  test('keeps contents as plain files, and the rest in one folder', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    expect(store.name).toBe(`file:${directory}`);
    await store.put('registry/acme/versions', text('{}'), { mode: 'create', ...json });
    await store.put('registry/acme/versions', text('{"versions":[]}'), {
      mode: 'overwrite',
      ...json,
    });
    expect(await readFile(join(directory, 'registry/acme/versions'), 'utf8')).toBe(
      '{"versions":[]}',
    );
    expect(await readdir(directory)).toEqual(['.object-store', 'registry']);
    expect(await readdir(join(directory, '.object-store'))).toEqual(['attributes']);
  });

  test('is left as it is by reading and by deleting what is absent', async () => {
    const directory = join(await temporaryDirectory(), 'store');
    const store = directoryStore(directory);
    expect(await store.head('a/b')).toBeUndefined();
    expect(await keysOf(store)).toEqual([]);
    await store.delete('a/b');
    expect(await readdir(join(directory, '..'))).toEqual([]);
  });

  test('has nothing left once all is deleted, not even folders', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    for (const key of ['a/b/c', 'a/b/d', 'e']) await store.put(key, text(key), plain('create'));
    await store.delete('a/b/c');
    expect(await readdir(join(directory, 'a/b'))).toEqual(['d']);
    for (const key of ['a/b/d', 'e']) await store.delete(key);
    expect(await treeOf(directory)).toEqual(['.object-store/', '.object-store/attributes/']);
  });

  test('holds files that others put there, without a label', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'tag/v1'), { recursive: true });
    await writeFile(join(directory, 'tag/v1/archive'), 'by hand');
    const store = directoryStore(directory);
    const [info] = await gathered(store.list('tag/'));
    expect(info).toEqual({ key: 'tag/v1/archive', size: 7, version: info?.version });
    expect(await store.head('tag/v1/archive')).toEqual(info);
    expect(await textOf(store, 'tag/v1/archive')).toBe('by hand');

    // Their versions are good for replacing them, and for noticing that they changed.
    await writeFile(join(directory, 'tag/v1/archive'), 'by hand, again');
    const replacing = store.put('tag/v1/archive', text('x'), plain({ replace: info!.version }));
    await expect(replacing).rejects.toMatchObject({ code: 'changed' });
    const { version } = await existing(store, 'tag/v1/archive');
    await store.put('tag/v1/archive', text('by the store'), plain({ replace: version }));
    expect(await store.head('tag/v1/archive')).toMatchObject({ contentType: 'text/plain' });
  });

  test('has nothing to say of a content that others put in place of one of its own', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    const version = await store.put('a', text('12345'), { mode: 'create', ...json });
    await rm(join(directory, 'a'));
    await writeFile(join(directory, 'a'), '54321');
    const info = await store.head('a');
    expect(info).toEqual({ key: 'a', size: 5, version: info?.version });
    expect(info?.version).not.toBe(version);
  });

  test('that is a copy of another one has the same labels and versions', async () => {
    const base = await temporaryDirectory();
    const original = directoryStore(join(base, 'original'));
    await original.put('a/b', text('content'), { mode: 'create', ...json });
    await cp(join(base, 'original'), join(base, 'copy'), { recursive: true });
    const copy = directoryStore(join(base, 'copy'));
    const info = await copy.head('a/b');
    expect(info).toEqual(await original.head('a/b'));
    expect(info).toMatchObject(json);
    await copy.put('a/b', text('other'), { mode: { replace: info!.version }, ...json });
    expect(await textOf(copy, 'a/b')).toBe('other');
  });

  test('does not list names that are no keys, and nothing that is no file', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    await store.put('a', text('a'), plain('create'));
    await writeFile(join(directory, 'line\nbreak'), '');
    await writeFile(join(directory, 'back\\slash'), '');
    await mkdir(join(directory, 'empty/folder'), { recursive: true });
    expect(await keysOf(store)).toEqual(['a']);
    expect(await store.head('empty/folder')).toBeUndefined();
    expect(await store.get('empty')).toBeUndefined();
  });

  test.each(['.object-store', '.object-store/attributes/x', '.OBJECT-STORE/lock'])(
    'cannot keep %s, where it keeps the rest',
    async (key) => {
      const store = directoryStore(await temporaryDirectory());
      await store.put('a', text('a'), plain('create'));
      for (const operation of [
        () => store.get(key),
        () => store.put(key, text('x'), plain('overwrite')),
        () => store.delete(key),
      ]) {
        await expect(operation()).rejects.toMatchObject({ code: 'key-invalid' });
      }
      await store.put(`elsewhere/${key}`, text('x'), plain('create'));
      expect(await keysOf(store, '.')).toEqual([]);
    },
  );

  test.each(['store', './store', '', 'C:store'])('is not at the relative path %j', (path) => {
    expect(() => directoryStore(path)).toThrow(
      expect.objectContaining({ code: 'location-invalid' }),
    );
  });

  test.each([
    '{"key":"a","contents":[{"version":1}]}',
    '{"key":"a"}',
    '{"key":"a","contents"',
    'null',
    '',
  ])('says which file is damaged when what it kept beside a content is %j', async (damage) => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    await store.put('a', text('content'), plain('create'));
    const folder = join(directory, '.object-store/attributes');
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), damage);
    for (const operation of [
      () => store.head('a'),
      () => store.put('a', text('x'), plain('overwrite')),
    ]) {
      await expect(operation()).rejects.toMatchObject({
        code: 'directory-failed',
        message: expect.stringContaining(join(folder, name)) as string,
      });
    }
    await rm(join(folder, name));
    expect(await textOf(store, 'a')).toBe('content');
  });

  test('says what to do when a name is too long for the disk', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    const key = `a/${'x'.repeat(300)}`;
    await expect(store.put(key, text('x'), plain('create'))).rejects.toMatchObject({
      code: 'directory-failed',
      message: expect.stringContaining('choose a shorter key') as string,
    });
    expect(await keysOf(store)).toEqual([]);
  });

  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EACCES', 'it is not permitted'],
    ['EROFS', 'it is not permitted'],
    ['EMFILE', 'too many files are open'],
    ['EIO', 'the file system refused'],
  ])('says what to do about %s', async (code, advice) => {
    const directory = await temporaryDirectory();
    const self = faultyProcess('self', new Set());
    const refusing: Surroundings = {
      ...self,
      fs: {
        ...self.fs,
        open: (path, flags) =>
          flags === 'wx'
            ? Promise.reject(Object.assign(new Error(code), { code, syscall: 'open' }))
            : self.fs.open(path, flags),
      },
    };
    const store = directoryStoreIn(() => Promise.resolve(refusing), directory);
    await expect(store.put('a', text('x'), plain('create'))).rejects.toMatchObject({
      code: 'directory-failed',
      message: expect.stringContaining(advice) as string,
    });
  });

  test('reads large objects piece by piece, and says when one was replaced meanwhile', async () => {
    const store = directoryStore(await temporaryDirectory());
    const bytes = sampleBytes(3_000_000);
    await store.put('large', bytes, plain('create'));
    const object = await existing(store, 'large');
    const pieces = object.content()[Symbol.asyncIterator]();
    await pieces.next();
    await store.put('large', sampleBytes(3_000_000, 2), plain('overwrite'));
    await expect(
      (async () => {
        while ((await pieces.next()).done !== true);
      })(),
    ).rejects.toMatchObject({ code: 'changed' });
    await store.delete('large');
    await expect(object.bytes(3_000_000)).rejects.toMatchObject({ code: 'changed' });
  });
});
