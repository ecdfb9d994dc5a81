import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { replaceFile, replaceFolder } from './outputs.js';

const now = new Date();

test('the new folder takes the place of the old one, of which nothing is left', async () => {
  const parent = await temporaryDirectory();
  const path = join(parent, 'a', 'image');
  await replaceFolder(path, { now }, (folder) => writeFile(join(folder, 'old'), 'old'));
  const result = await replaceFolder(path, { now }, async (folder) => {
    await writeFile(join(folder, 'new'), 'new');
    return 'made';
  });
  expect(result).toBe('made');
  expect(await readdir(path)).toEqual(['new']);
  expect(await readdir(join(parent, 'a'))).toEqual(['image']);
});

test('the old folder stays when the new one cannot be filled', async () => {
  const parent = await temporaryDirectory();
  const path = join(parent, 'image');
  await replaceFolder(path, { now }, (folder) => writeFile(join(folder, 'old'), 'old'));
  const failing = replaceFolder(path, { now }, async (folder) => {
    await writeFile(join(folder, 'half'), 'half');
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(await readdir(path)).toEqual(['old']);
  expect(await readdir(parent)).toEqual(['image']);
});

test('of many that replace it at the same time each leaves a whole one', async () => {
  const parent = await temporaryDirectory();
  const path = join(parent, 'image');
  const names = Array.from({ length: 20 }, (_, index) => String(index));
  await Promise.all(
    names.map((name) =>
      replaceFolder(path, { now }, async (folder) => {
        await writeFile(join(folder, 'one'), name);
        await writeFile(join(folder, 'other'), name);
      }),
    ),
  );
  expect(await readdir(parent)).toEqual(['image']);
  expect(await readdir(path)).toEqual(['one', 'other']);
  const [one, other] = ['one', 'other'].map((name) => readFile(join(path, name), 'utf8'));
  expect(await one).toBe(await other);
});

test('what a killed build left is removed once no build can still be at it', async () => {
  const parent = await temporaryDirectory();
  for (const name of ['.image-killed', '.image-at-work', '.other-killed']) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'half'), 'half');
  }
  const yesterday = new Date(now.getTime() - 24 * 60 * 60 * 1000);
  await utimes(join(parent, '.image-killed'), yesterday, yesterday);
  await replaceFolder(join(parent, 'image'), { now }, () => Promise.resolve());
  expect((await readdir(parent)).sort()).toEqual(['.image-at-work', '.other-killed', 'image']);
});

test('what cannot be written is named, and nothing is left of it', async () => {
  const parent = await temporaryDirectory();
  await writeFile(join(parent, 'dist'), 'a file where a folder should be');
  const folder = replaceFolder(join(parent, 'dist', 'image'), { now }, () => Promise.resolve());
  await expect(folder).rejects.toMatchObject({
    code: 'output-unwritable',
    message: expect.stringMatching(
      /dist\/image cannot be written: .*; see that there is room/,
    ) as unknown,
  });
  await mkdir(join(parent, 'image.json'));
  const file = replaceFile(join(parent, 'image.json'), { now }, '{}');
  await expect(file).rejects.toMatchObject({ code: 'output-unwritable' });
  expect((await readdir(parent)).sort()).toEqual(['dist', 'image.json']);
});

test('a file is replaced', async () => {
  const path = join(await temporaryDirectory(), 'image.json');
  await replaceFile(path, { now }, 'one');
  await replaceFile(path, { now }, 'other');
  expect(await readFile(path, 'utf8')).toBe('other');
});
