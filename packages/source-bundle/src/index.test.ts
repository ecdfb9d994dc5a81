import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

const own = resolve(import.meta.dirname, '..');
const installed = resolve(own, '../../node_modules');
const run = promisify(execFile);

/** A workspace with a program, which imports a library of the workspace and an installed one. */
async function workspace(source = program('one')) {
  const root = await temporaryDirectory();
  const cache = join(root, 'node_modules/.cache/source-bundle/greeter');
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const link = (target: string, name: string) => symlink(target, join(root, 'node_modules', name));
  await mkdir(join(root, 'node_modules/@teleport-plugins'), { recursive: true });
  await cp(own, join(root, 'packages/source-bundle'), { recursive: true });
  await link(join(root, 'packages/source-bundle'), '@teleport-plugins/source-bundle');
  await link(join(root, 'packages/words'), '@teleport-plugins/words');
  await link(join(installed, 'esbuild'), 'esbuild');
  await write('node_modules/.package-lock.json', '{}');
  await write(
    'tools/greeter/package.json',
    '{"type":"module","dependencies":{"@teleport-plugins/words":"0.0.0","state":"*"}}',
  );
  await write('packages/words/package.json', '{"type":"module","exports":"./src/index.ts"}');
  await write('packages/words/src/index.ts', "export const word: string = 'library';\n");
  await write('node_modules/state/package.json', '{"main":"index.js"}');
  await write('node_modules/state/index.js', 'exports.state = "installed";\n');
  await write('tools/greeter/src/greet.ts', source);
  await write('tools/greeter/src/leave.ts', "console.log('left');\n");
  await write(
    'tools/greeter/bin/start.js',
    `import { bundleOf } from '@teleport-plugins/source-bundle';
const [name] = process.argv.slice(2);
const entryPoints = { greet: 'src/greet.ts', leave: 'src/leave.ts' };
const packageRoot = '${join(root, 'tools/greeter')}';
await import(await bundleOf({ packageRoot, entryPoints, external: ['state'] }, name));
`,
  );
  return {
    root,
    write,
    cache,
    start: async (name = 'greet') => {
      const { stdout } = await run(process.execPath, [
        join(root, 'tools/greeter/bin/start.js'),
        name,
      ]);
      return stdout;
    },
    bundles: () => readdir(cache),
  };
}

function program(word: string): string {
  return `import { word } from '@teleport-plugins/words';
import { state } from 'state';
const said: string = '${word}';
console.log(said, word, state);
`;
}

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
