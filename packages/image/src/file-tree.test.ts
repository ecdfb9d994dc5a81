import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ImageError } from './error.js';
import { fileTree, type ImageFile } from './file-tree.js';
import { collect } from './test/collect.js';

const of = (path: string, text = ''): ImageFile => ({ path, source: { bytes: Buffer.from(text) } });
const paths = async (...files: readonly string[]): Promise<readonly string[]> =>
  (await fileTree(files.map((path) => of(path)))).map((entry) => entry.path);

test('every folder is there once, before what is in it, in the order of bytes', async () => {
  expect(await paths('b/z', 'b/a/c', 'a-b', 'a/x', 'é', 'z', 'B')).toEqual([
    'B',
    'a',
    'a-b',
    'a/x',
    'b',
    'b/a',
    'b/a/c',
    'b/z',
    'z',
    'é',
  ]);
});

test('the order is that of UTF-8, not that of UTF-16', async () => {
  expect(await paths('\u{1f600}', '\uff5e')).toEqual(['\uff5e', '\u{1f600}']);
});

test('the order in which files are given makes no difference', async () => {
  const files = ['a/b/c', 'a/b/d', 'a/e', 'f', 'a-', 'a.b'];
  const expected = await paths(...files);
  const shuffled = fc.shuffledSubarray(files, { minLength: files.length });
  await fc.assert(
    fc.asyncProperty(shuffled, async (given) => {
      expect(await paths(...given)).toEqual(expected);
    }),
  );
});

test('modes follow from the spec, not from the source file', async () => {
  const directory = await temporaryDirectory();
  const source = { file: join(directory, 'program') };
  await writeFile(source.file, 'text');
  await chmod(source.file, 0o600);
  const entries = await fileTree(
    [
      { path: 'app/program', source, executable: true },
      { path: 'app/text', source },
    ],
    new Map([['tmp', 0o1777]]),
  );
  expect(entries.map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
    ['app', '755'],
    ['app/program', '755'],
    ['app/text', '644'],
    ['tmp', '1777'],
  ]);
});

test('a link is followed to the file', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'real'), 'text');
  await symlink('real', join(directory, 'link'));
  const [entry] = await fileTree([{ path: 'a', source: { file: join(directory, 'link') } }]);
  expect(entry).toMatchObject({ kind: 'file', size: 4 });
});

describe('refused', () => {
  test.each([
    ['', 'is empty'],
    ['/etc/passwd', 'begins with /'],
    ['a//b', 'empty name'],
    ['a/', 'empty name'],
    ['.', 'has the name .'],
    ['a/../../etc/passwd', 'has the name ..'],
    ['..', 'has the name ..'],
    ['a/./b', 'has the name .'],
    ['a\\b', 'has a \\'],
    ['a\0b', 'NUL'],
    ['a\ud800', 'well-formed'],
    ['a/.wh.b', '.wh.'],
    ['.wh..wh..opq', '.wh.'],
    ['ä'.repeat(128), 'longer than 255 bytes'],
    ['a/'.repeat(2047) + 'a', 'longer than 4094 bytes'],
  ])('path %j', async (path, problem) => {
    await expect(paths(path)).rejects.toMatchObject({
      code: 'path-invalid',
      message: expect.stringContaining(problem) as string,
    });
  });

  test('the same path twice', async () => {
    await expect(paths('a/b', 'a/b')).rejects.toThrow('image path a/b: is given twice');
  });

  test('a file where other files need a folder, in either order', async () => {
    const message = 'image path a/b: is a file and also a folder of other files';
    await expect(paths('a/b', 'a/b/c')).rejects.toThrow(message);
    await expect(paths('a/b/c', 'a/b')).rejects.toThrow(message);
  });

  test('a source that is missing, with its path and that in the image', async () => {
    const file = join(await temporaryDirectory(), 'main.mjs');
    await expect(fileTree([{ path: 'app/main.mjs', source: { file } }])).rejects.toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining(`${file} (image path app/main.mjs)`) as string,
    });
  });

  test('a source that is a folder', async () => {
    const file = await temporaryDirectory();
    await mkdir(join(file, 'sub'));
    await expect(fileTree([{ path: 'a', source: { file } }])).rejects.toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining('not a regular file') as string,
    });
  });
});

test('whatever the paths are, the tree is sound or one error of the right kind', async () => {
  const name = fc.constantFrom('a', 'b', '..', '.', '', '.wh.a', 'ä', '\ud800', 'c\\d');
  const path = fc.array(name, { maxLength: 4 }).map((names) => names.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.array(path, { maxLength: 6 }), async (given) => {
      let found: readonly string[];
      try {
        found = await paths(...given);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
        expect(error).toMatchObject({ code: 'path-invalid' });
        return;
      }
      expect(new Set(found).size).toBe(found.length);
      for (const each of given) expect(found).toContain(each);
      for (const each of found) {
        expect(each).not.toMatch(/^\/|\\|(^|\/)(\.|\.\.|)(\/|$)/);
        const parent = each.split('/').slice(0, -1).join('/');
        if (parent !== '') expect(found.indexOf(parent)).toBeLessThan(found.indexOf(each));
      }
    }),
    { numRuns: 500 },
  );
});

test('a file that disappears before it is read is an error that names it', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'a');
  await writeFile(file, 'text');
  const [entry] = await fileTree([{ path: 'a', source: { file } }]);
  await rm(file);
  if (entry?.kind !== 'file') throw new Error('expected a file');
  await expect(collect(entry.content())).rejects.toMatchObject({ code: 'source-unreadable' });
});
