import { chmod, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { nodeFiles } from './files.js';
import { openStore } from './store.js';
import { image, layer } from './test/content.js';
import { exchange, storeBlob, storeImage } from './test/exchange.js';
import { bytesIn, faultsIn } from './test/inspect.js';

describe("a registry's folder", () => {
  test('is made with those above it, and opened again', async () => {
    const directory = join(await temporaryDirectory(), 'a', 'b');
    await storeImage(await openStore(directory), 'app', image('kept'), 'v1');
    const again = await openStore(directory);
    expect(await again.tags.list('app')).toEqual(['v1']);
  });

  test('is not one that holds other things', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, '.gitkeep'), '');
    await openStore(directory);
    const other = await temporaryDirectory();
    await writeFile(join(other, 'letter.txt'), 'dear');
    await expect(openStore(other)).rejects.toMatchObject({
      code: 'directory-unusable',
      message: expect.stringContaining('letter.txt') as string,
    });
    expect(await readdir(other)).toEqual(['letter.txt']);
  });

  test('is no file, and none that a later version wrote', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(openStore(file)).rejects.toMatchObject({ code: 'directory-unusable' });
    const directory = await temporaryDirectory();
    await openStore(directory);
    await writeFile(join(directory, 'registry.json'), '{ "version": 2 }');
    await expect(openStore(directory)).rejects.toThrow('another version');
  });

  test('needs a file system with hard links', async () => {
    const link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    const directory = await temporaryDirectory();
    await expect(openStore(directory, { files: { ...nodeFiles, link } })).rejects.toThrow(
      'no hard links',
    );
  });

  test('is swept of uploads and temporary files that are older than a day', async () => {
    const directory = await temporaryDirectory();
    await openStore(directory);
    const now = Date.now() / 1000;
    const day = 24 * 60 * 60;
    for (const [name, age] of [
      ['old', day + 60],
      ['young', day - 60],
    ] as const) {
      for (const folder of ['uploads', 'temporary']) {
        const path = join(directory, folder, name);
        await writeFile(path, 'part');
        await utimes(path, now - age, now - age);
      }
    }
    await openStore(directory, { readOnly: true });
    expect(await readdir(join(directory, 'uploads'))).toEqual(['old', 'young']);
    await openStore(directory);
    expect(await readdir(join(directory, 'uploads'))).toEqual(['young']);
    expect(await readdir(join(directory, 'temporary'))).toEqual(['young']);
  });
});

describe('content on the disk', () => {
  test('of a blob that several repositories have takes room once, and none when all delete it', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const before = await bytesIn(directory);
    const blob = layer('z'.repeat(100_000));
    for (const name of ['a', 'b', 'c']) await storeBlob(store, name, blob);
    expect(await bytesIn(directory)).toBe(before + blob.bytes.length);
    for (const name of ['a', 'b', 'c']) {
      await exchange(store, 'DELETE', `/v2/${name}/blobs/${blob.descriptor.digest}`);
    }
    expect(await bytesIn(directory)).toBe(before);
  });

  test('that was damaged is whole after it was pushed again', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const pushed = image('damaged');
    await storeImage(store, 'app', pushed, 'v1');
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/^[0-9a-f]{64}$/.test(entry.name)) continue;
      await chmod(path, 0o600);
      await writeFile(path, `damaged ${(await readFile(path)).toString()}`);
    }
    expect(await faultsIn(directory)).not.toEqual([]);
    await expect(exchange(store, 'GET', '/v2/app/manifests/v1')).rejects.toMatchObject({
      status: 404,
    });
    await storeImage(store, 'app', pushed, 'v1');
    expect(await faultsIn(directory)).toEqual([]);
  });
});
