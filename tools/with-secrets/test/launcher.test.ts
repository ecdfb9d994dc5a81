import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

const own = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** A workspace with the launcher, and a program of which this is the source. */
async function workspace(source = program('one')) {
  const root = await temporaryDirectory();
  const packageRoot = join(root, 'tools/with-secrets');
  const library = join(root, 'packages/secrets');
  await cp(join(own, 'bin'), join(packageRoot, 'bin'), { recursive: true });
  await mkdir(join(root, 'node_modules/@teleport-plugins'), { recursive: true });
  await symlink(resolve(own, '../../node_modules/esbuild'), join(root, 'node_modules/esbuild'));
  await symlink(library, join(root, 'node_modules/@teleport-plugins/secrets'));
  const write = async (path: string, content: string) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  };
  await write(
    'tools/with-secrets/package.json',
    JSON.stringify({
      type: 'module',
      dependencies: { '@teleport-plugins/secrets': '0.0.0', esbuild: '*' },
    }),
  );
  await write('packages/secrets/package.json', '{"type":"module","exports":"./src/index.ts"}');
  await write('packages/secrets/src/index.ts', "export const word: string = 'library';\n");
  await write('tools/with-secrets/src/main.ts', source);
  const cache = join(root, 'node_modules/.cache/with-secrets');
  return {
    root,
    write,
    cache,
    start: async () => {
      const launcher = join(packageRoot, 'bin/with-secrets.js');
      return (await run(process.execPath, [launcher, 'an argument'])).stdout;
    },
    bundles: () => readdir(cache),
  };
}

function program(word: string): string {
  return `import { word } from '@teleport-plugins/secrets';
const said: string = '${word}';
console.log(said, word, process.argv[2]);
`;
}

test('the program is bundled once, and found after that', async () => {
  const { start, bundles, cache } = await workspace();
  expect(await start()).toBe('one library an argument\n');
  const [bundle = '', ...others] = await bundles();
  expect(others).toEqual([]);
  await writeFile(join(cache, bundle), "console.log('from the cache');");
  expect(await start()).toBe('from the cache\n');
});

test.each([
  ['tools/with-secrets/src/main.ts', program('two'), 'two library an argument\n'],
  [
    'packages/secrets/src/index.ts',
    "export const word = 'changed';\n",
    'one changed an argument\n',
  ],
])('a change of %s counts', async (path, content, said) => {
  const { start, write, bundles } = await workspace();
  await start();
  await write(path, content);
  expect(await start()).toBe(said);
  expect(await bundles()).toHaveLength(2);
});

test('several first starts at once each find a whole program', async () => {
  const { start, bundles } = await workspace();
  const all = await Promise.all(Array.from({ length: 5 }, start));
  expect(new Set(all)).toEqual(new Set(['one library an argument\n']));
  expect(await bundles()).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.mjs$/)]);
});

test('bundles of old sources are removed', async () => {
  const { start, write, bundles, cache } = await workspace();
  await write('node_modules/.cache/with-secrets/0123456789abcdef.mjs', '');
  await write('node_modules/.cache/with-secrets/young.mjs', '');
  const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await utimes(join(cache, '0123456789abcdef.mjs'), longAgo, longAgo);
  await start();
  expect(await bundles()).toHaveLength(2);
  expect(await bundles()).toContain('young.mjs');
});

test('where nothing can be kept it runs all the same', async () => {
  const { root, start, write } = await workspace();
  // In the place of the folder, which stops root, too.
  await write('node_modules/.cache', 'a file');
  expect(await start()).toBe('one library an argument\n');
  expect(await readFile(join(root, 'node_modules/.cache'), 'utf8')).toBe('a file');
});

test('what cannot be bundled is a failure of its own', async () => {
  const { start } = await workspace('const = 1;\n');
  await expect(start()).rejects.toMatchObject({
    code: 125,
    stderr: expect.stringMatching(
      /^with-secrets: the program cannot be loaded: .*main\.ts:1:6/s,
    ) as string,
  });
});
