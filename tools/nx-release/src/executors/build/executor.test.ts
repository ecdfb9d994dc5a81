import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { treeOf } from '../../test/tree.js';
import { plugin, testWorkspace, type TestWorkspace } from '../../test/workspace.js';

const main = `${plugin}/src/main.ts`;
const bundled = `${plugin}/dist/bundle/main.mjs`;

test('bundles the plugin with what it imports into one file that runs', async () => {
  const workspace = await testWorkspace();
  await workspace.write('node_modules/esm/package.json', {
    name: 'esm',
    version: '1.0.0',
    type: 'module',
    main: 'index.js',
  });
  await workspace.write('node_modules/esm/index.js', 'export const esm = "an ES module";');
  await workspace.write('node_modules/cjs/package.json', { name: 'cjs', version: '1.0.0' });
  await workspace.write(
    'node_modules/cjs/index.js',
    'exports.cjs = require("path").join("a", "package");',
  );
  await workspace.write(`${plugin}/src/own.ts`, 'export const own: string = "a file";');
  await workspace.write(
    main,
    `import { cjs } from 'cjs';
     import { esm } from 'esm';
     import { own } from './own.js';
     import manifest from '../package.json' with { type: 'json' };
     console.log([esm, cjs, own, manifest.version].join());`,
  );
  const { success, printed } = await workspace.run('build');
  expect(success).toBe(true);
  expect(printed).toMatch(new RegExp(`write +${bundled} +[\\d.]+ k?B`));
  expect(await outputOf(workspace)).toBe('an ES module,a/package,a file,1.2.3\n');
});

test('collects the licences of what is bundled, the workspace’s first, and of nothing else', async () => {
  const workspace = await testWorkspace();
  await workspace.write('LICENSE', 'The terms of the workspace\r\n');
  const packages = {
    b: { license: 'MIT', files: { 'LICENSE.md': 'MIT terms', NOTICE: 'Notice it' } },
    a: { license: { type: 'BSD-3-Clause' }, files: { 'licence.txt': 'BSD terms' } },
    '@c/d': { license: undefined, files: {} },
    unused: { license: 'GPL-3.0', files: { LICENSE: 'GPL terms' } },
  };
  for (const [name, { license, files }] of Object.entries(packages)) {
    const folder = `node_modules/${name}`;
    await workspace.write(`${folder}/package.json`, { name, version: '1.0.0', license });
    await workspace.write(`${folder}/lib/index.js`, 'console.log("here");');
    for (const [file, text] of Object.entries(files))
      await workspace.write(`${folder}/${file}`, text);
  }
  await workspace.write(
    main,
    `import 'b/lib/index.js'; import 'a/lib/index.js'; import '@c/d/lib/index.js';`,
  );
  await workspace.run('build');
  expect(await workspace.text(`${plugin}/dist/bundle/LICENSES.txt`))
    .toBe(`The terms of the workspace

${'-'.repeat(78)}
@c/d 1.0.0 (no licence named)

The package has no licence file.

${'-'.repeat(78)}
a 1.0.0 (BSD-3-Clause)

BSD terms

${'-'.repeat(78)}
b 1.0.0 (MIT)

MIT terms

Notice it
`);
});

test('collects no licence of a package that is read and then left out of the bundle', async () => {
  const workspace = await testWorkspace();
  const packages = {
    facade: `export { left } from 'left-out'; export const used = 'used';`,
    'left-out': `export const left = 'left';`,
  };
  for (const [name, code] of Object.entries(packages)) {
    const manifest = {
      name,
      version: '1.0.0',
      type: 'module',
      main: 'index.js',
      sideEffects: false,
    };
    await workspace.write(`node_modules/${name}/package.json`, manifest);
    await workspace.write(`node_modules/${name}/index.js`, code);
  }
  await workspace.write(main, `import { used } from 'facade'; console.log(used);`);
  await workspace.run('build');
  const licences = await workspace.text(`${plugin}/dist/bundle/LICENSES.txt`);
  expect(licences).toContain('facade 1.0.0');
  expect(licences).not.toContain('left-out');
});

test('gives the same bytes in any folder, whatever tsconfig.json says there', async () => {
  const [one, other] = [await testWorkspace(), await testWorkspace()];
  await mkdir(join(other.root, plugin, 'dist', 'bundle', 'left-behind'), { recursive: true });
  await other.write(`${plugin}/tsconfig.json`, {
    compilerOptions: { target: 'ES5', jsx: 'react' },
  });
  await one.run('build');
  await other.run('build');
  expect(await treeNames(other)).toEqual(['LICENSES.txt', 'main.mjs']);
  expect(await other.text(bundled)).toBe(await one.text(bundled));
});

describe('sources that cannot be bundled', () => {
  test.each([
    [
      'an import that is not there',
      `import './missing.js';`,
      /main\.ts:1:8: Could not resolve "\.\/missing\.js"/,
    ],
    ['a syntax error', 'const = 1;', /main\.ts:1:7: Expected identifier/],
    ['a package at run time', `import('not-installed').catch(() => 0);`, /leaves not-installed/],
  ])('%s: file and line are named, and nothing is written', async (_what, source, message) => {
    const workspace = await testWorkspace();
    await workspace.write(main, source);
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('build');
    expect(success).toBe(false);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n {4}at /);
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('a program that is not there is named', async () => {
    const workspace = await testWorkspace();
    await workspace.git('rm', '--quiet', main);
    expect((await workspace.run('build')).errors).toContain(main);
  });
});

describe('nothing is built', () => {
  test('of another version than the working tree’s', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('build', { options: { version: '1.2.2' } });
    expect({ success, printed }).toEqual({
      success: true,
      printed: '✔ mail 1.2.2: nothing to build, the working tree is 1.2.3',
    });
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('in a dry run', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.run('build', { options: { dryRun: true } });
    expect(printed).toMatch(/write .*main\.mjs .*\n.*\n✔ dry run/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

describe('what is wrong with the plugin is told with file and line', () => {
  test.each([
    [
      'release.json',
      '{\n  "kind": "image",\n  "imag": {}\n}',
      /^✘ packages\/plugins\/mail\/release\.json:\d+:\d+: /,
    ],
    ['release.json', '{ "kind"', /release\.json:1:\d+: /],
    [
      'package.json',
      { version: 'v1' },
      /package\.json:1:\d+: version: expected a semantic version/,
    ],
    ['package.json', {}, /package\.json:1:1: .*version/],
  ])('%s', async (file, content, message) => {
    const workspace = await testWorkspace();
    await workspace.write(`${plugin}/${file}`, content);
    const { success, errors } = await workspace.run('build');
    expect(success).toBe(false);
    expect(errors).toMatch(message);
  });
});

async function outputOf(workspace: TestWorkspace): Promise<string> {
  const program = join(workspace.root, bundled);
  return (await promisify(execFile)(process.execPath, [program], { cwd: '/' })).stdout;
}

async function treeNames(workspace: TestWorkspace): Promise<readonly string[]> {
  const folder = join(workspace.root, plugin, 'dist', 'bundle');
  return Object.keys(await treeOf(folder)).map((path) => path.slice(folder.length + 1));
}
