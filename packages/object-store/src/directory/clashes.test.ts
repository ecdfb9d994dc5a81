import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { keysOf, plain, text, textOf } from '../contract/samples.js';
import type { ObjectStore } from '../store.js';
import { directoryStore, directoryStoreIn } from './directory-store.js';
import { caseless } from './test/caseless.js';

describe('A key that a directory cannot keep beside another one', () => {
  test.each(['create', 'overwrite'] as const)('is refused under an object (%s)', async (mode) => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    await store.put('a/b', text('kept'), plain('create'));
    const before = await treeOf(directory);
    await expect(store.put('a/b/c/d', text('x'), plain(mode))).rejects.toMatchObject({
      code: 'key-clash',
      message: `${directory}: cannot keep "a/b/c/d": "a/b" is an object, and no folder; choose another key`,
    });
    expect(await treeOf(directory)).toEqual(before);
  });

  test.each(['create', 'overwrite'] as const)('is refused above objects (%s)', async (mode) => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    await store.put('a/b/c', text('kept'), plain('create'));
    const before = await treeOf(directory);
    await expect(store.put('a', text('x'), plain(mode))).rejects.toMatchObject({
      code: 'key-clash',
      message: `${directory}: cannot keep "a": there are objects whose keys begin with it and "/"; choose another key`,
    });
    expect(await treeOf(directory)).toEqual(before);
  });

  test('takes the place of folders that are empty, as a killed process leaves them', async () => {
    const directory = await temporaryDirectory();
    const store = directoryStore(directory);
    await mkdir(join(directory, 'a/b/c'), { recursive: true });
    await store.put('a', text('content'), plain('create'));
    expect(await keysOf(store)).toEqual(['a']);
  });
});

describe('Where upper and lower case are one', () => {
  async function opened(): Promise<ObjectStore> {
    const directory = await temporaryDirectory();
    const process = caseless(faultyProcess('self', new Set()));
    return directoryStoreIn(() => Promise.resolve(process), directory);
  }

  test.each([
    ['Readme', 'README', '"Readme" is there'],
    ['Registry/acme', 'registry/other', '"Registry" is there'],
    ['stra\u00dfe', 'STRASSE', '"stra\u00dfe" is there'],
    ['e\u0301', '\u00e9', '"e\u0301" is there'],
  ])('%s and %s cannot both be kept', async (first, second, told) => {
    const store = await opened();
    await store.put(first, text('kept'), plain('create'));
    for (const mode of ['create', 'overwrite'] as const) {
      await expect(store.put(second, text('lost'), plain(mode))).rejects.toMatchObject({
        code: 'key-clash',
        message: expect.stringContaining(told) as string,
      });
    }
    // Nor is the one taken for the other.
    expect(await store.head(second)).toBeUndefined();
    expect(await store.get(second)).toBeUndefined();
    await store.delete(second);
    expect(await textOf(store, first)).toBe('kept');
    expect(await keysOf(store)).toEqual([first]);
  });

  test('all else is as elsewhere', async () => {
    const store = await opened();
    await store.put('A/b', text('1'), plain('create'));
    await store.put('A/c', text('2'), plain('create'));
    await store.put('A/b', text('3'), plain('overwrite'));
    expect(await keysOf(store)).toEqual(['A/b', 'A/c']);
    expect(await textOf(store, 'A/b')).toBe('3');
  });
});

describe('A symbolic link', () => {
  async function linked(link: string): Promise<{ store: ObjectStore; outside: string }> {
    const base = await temporaryDirectory();
    const [root, outside] = [join(base, 'store'), join(base, 'outside')];
    await mkdir(join(root, 'a'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'not in the store');
    await symlink(link === 'a/link' ? join(outside, 'secret') : outside, join(root, link));
    return { store: directoryStore(root), outside };
  }

  test.each([
    ['a/link', 'a/link'],
    ['link', 'link/secret'],
    ['link', 'link/new'],
  ])('%s is not followed to %s', async (link, key) => {
    const { store, outside } = await linked(link);
    const operations = [
      () => store.head(key),
      () => store.get(key),
      () => store.put(key, text('x'), plain('overwrite')),
      () => store.delete(key),
      () => keysOf(store),
    ];
    for (const operation of operations) {
      await expect(operation()).rejects.toMatchObject({
        code: 'directory-failed',
        message: expect.stringMatching(/link: is a symbolic link, which is not followed/) as string,
      });
    }
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('not in the store');
  });

  test('to the directory itself is followed', async () => {
    const base = await temporaryDirectory();
    await mkdir(join(base, 'real'));
    await symlink(join(base, 'real'), join(base, 'link'));
    await directoryStore(join(base, 'link')).put('a', text('content'), plain('create'));
    expect(await textOf(directoryStore(join(base, 'real')), 'a')).toBe('content');
  });
});
