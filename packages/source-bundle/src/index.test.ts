import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { program, workspace } from './test/workspace.js';

test('all programs are bundled once, and found after that', async () => {
  const { start, bundles, cache } = await workspace();
  expect(await start()).toBe('one library installed\n');
  const [bundle = '', ...others] = await bundles();
  expect(others).toEqual([]);
  expect(await start('leave')).toBe('left\n');
  await writeFile(join(cache, bundle, 'greet.mjs'), "console.log('from the cache');");
  expect(await start()).toBe('from the cache\n');
});

test.each([
  ['tools/greeter/src/greet.ts', program('two'), 'two library installed\n'],
  ['packages/words/src/index.ts', "export const word = 'changed';\n", 'one changed installed\n'],
  ['tools/greeter/src/new.ts', '', 'one library installed\n'],
  ['node_modules/.package-lock.json', '{"packages":{}}', 'one library installed\n'],
])('a change of %s counts', async (path, content, said) => {
  const { start, write, bundles } = await workspace();
  await start();
  await write(path, content);
  expect(await start()).toBe(said);
  expect(await bundles()).toHaveLength(2);
});

test.each(['tools/greeter/src/greet.test.ts', 'packages/words/src/test/words.ts'])(
  'a change of %s does not',
  async (path) => {
    const { start, write, bundles } = await workspace();
    await start();
    await write(path, '');
    await start();
    expect(await bundles()).toHaveLength(1);
  },
);

test('several first starts at once each find a whole program', async () => {
  const { start, bundles } = await workspace();
  const all = await Promise.all(Array.from({ length: 5 }, () => start()));
  expect(new Set(all)).toEqual(new Set(['one library installed\n']));
  expect(await bundles()).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
});

test('bundles of old sources are removed', async () => {
  const { start, write, bundles, cache } = await workspace();
  await write('node_modules/.cache/source-bundle/greeter/0123456789abcdef/greet.mjs', '');
  await write('node_modules/.cache/source-bundle/greeter/young/greet.mjs', '');
  const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await utimes(join(cache, '0123456789abcdef'), longAgo, longAgo);
  await start();
  expect(await bundles()).toHaveLength(2);
  expect(await bundles()).toContain('young');
});

test('where nothing can be kept it runs all the same', async () => {
  const { root, start, write } = await workspace();
  // In the place of the folder, which stops root, too.
  await write('node_modules/.cache', 'a file');
  expect(await start()).toBe('one library installed\n');
  expect(await readFile(join(root, 'node_modules/.cache'), 'utf8')).toBe('a file');
});

test('a source is in its own folder', async () => {
  const { root, start } = await workspace('console.log(import.meta.dirname);\n');
  expect(await start()).toBe(`${join(root, 'tools/greeter/src')}\n`);
});

test('what is loaded later is found', async () => {
  const { start, write } = await workspace(
    "const { later } = await import('./later.js');\nconsole.log(later);\n",
  );
  await write('tools/greeter/src/later.ts', "export const later = 'now';\n");
  expect(await start()).toBe('now\n');
});

test('names of CommonJS that is loaded later are not lost in silence', async () => {
  const { root, start, write } = await workspace(
    "const { later } = await import('later');\nconsole.log(later);\n",
  );
  await write('node_modules/later/package.json', '{}');
  await write('node_modules/later/index.js', 'exports.later = 1;\n');
  await expect(start()).rejects.toThrow(
    'src/greet.ts: import() of later, which is CommonJS, has none of its names in a bundle',
  );
  expect(await readdir(join(root, 'node_modules'))).not.toContain('.cache');
});

test('what cannot be bundled is named', async () => {
  const { start, root } = await workspace('const = 1;\n');
  await expect(start()).rejects.toThrow(/src\/greet\.ts:1:6/);
  await rm(join(root, 'tools/greeter/src/greet.ts'));
  await expect(start()).rejects.toThrow(/src\/greet\.ts/);
});
