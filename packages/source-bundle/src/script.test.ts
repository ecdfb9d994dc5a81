import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';

import { expect, test } from 'vitest';

import { program, workspace } from './test/workspace.js';

/** What a rehearsal is given, in a file beside the sources; other runs print what they are. */
const witness = (file: string) => `import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
const [, , ...args] = process.argv;
async function main() {
  if (args[0] !== 'rehearsal') return console.log('run', ...args);
  const input = await text(process.stdin);
  writeFileSync('${file}', JSON.stringify({ args, input, env: Object.keys(process.env) }));
}
void main();
`;

test('a script is bundled once, and found after that', async () => {
  const { script, bundles, cache } = await workspace();
  expect(await script()).toBe('one library installed\n');
  const [bundle = '', ...others] = await bundles();
  expect(others).toEqual([]);
  expect(await script()).toBe('one library installed\n');
  const file = join(cache, bundle, 'script.cjs');
  await writeFile(file, "console.log('from the cache');\n// the end\n");
  expect(await script()).toBe('from the cache\n');
});

test.each([0, 0.5, 0.99])('a script of which %d is left does not succeed', async (left) => {
  const { script, bundles, cache } = await workspace();
  await script();
  const [bundle = ''] = await bundles();
  const file = join(cache, bundle, 'script.cjs');
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.slice(0, whole.length * left));
  await expect(script()).rejects.toThrow(`${file}: is cut off`);
});

test('what V8 has compiled of it in its rehearsal is beside it, and taken', async () => {
  const { script, bundles, cache } = await workspace();
  await script();
  const [bundle = ''] = await bundles();
  const file = join(cache, bundle, 'script.cjs');
  const both = await readFile(`${file}.v8`);
  const cachedData = both.subarray(0, both.length / 2);
  expect(both.subarray(both.length / 2)).toEqual(cachedData);
  const { wrap } = await import('node:module');
  const taken = new Script(wrap(await readFile(file, 'utf8')), { cachedData });
  expect(taken.cachedDataRejected).toBe(false);
  const other = new Script(wrap('1'), { cachedData });
  expect(other.cachedDataRejected).toBe(true);
});

test('a rehearsal is told nothing of what the first run is for', async () => {
  const { root, script, write } = await workspace('');
  const file = join(root, 'witness.json');
  await write('tools/greeter/src/greet.ts', witness(file));
  expect(await script('a', 'b')).toBe('run a b\n');
  const seen = JSON.parse(await readFile(file, 'utf8')) as { readonly env: readonly string[] };
  expect(seen).toMatchObject({ args: ['rehearsal'], input: 'its input' });
  expect(seen.env).toContain('PATH');
  expect(seen.env).not.toContain('OF_THE_CALLER');
});

test.each([
  ['that fails', 'if (process.argv[2] === "rehearsal") process.exit(3);'],
  ['that throws', 'if (process.argv[2] === "rehearsal") throw new Error("no");'],
  ['that is killed', 'if (process.argv[2] === "rehearsal") process.kill(process.pid, "SIGKILL");'],
])('a rehearsal %s stops nothing', async (_, beginning) => {
  const { script } = await workspace(`${beginning}\n${program('one')}`);
  expect(await script()).toBe('one library installed\n');
  expect(await script()).toBe('one library installed\n');
});

test.each([
  ['another file', () => Buffer.from('nothing of V8')],
  ['empty', () => Buffer.alloc(0)],
  ['cut short', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
])('what V8 has compiled is not taken when it is %s', async (_, damaged) => {
  const { script, bundles, cache } = await workspace();
  await script();
  const [bundle = ''] = await bundles();
  const file = join(cache, bundle, 'script.cjs.v8');
  await writeFile(file, damaged(await readFile(file)));
  expect(await script()).toBe('one library installed\n');
});

test('what V8 has compiled is not taken when some of it is another one, by which V8 would crash', async () => {
  const { script, bundles, cache } = await workspace();
  await script();
  const [bundle = ''] = await bundles();
  const file = join(cache, bundle, 'script.cjs.v8');
  const whole = await readFile(file);
  // Behind the header, of which V8 verifies some.
  for (let at = 64; at + 64 < whole.length; at += whole.length >> 3) {
    const damaged = Buffer.from(whole);
    damaged.fill(0xa5, at, at + 64);
    await writeFile(file, damaged);
    expect(await script()).toBe('one library installed\n');
  }
});

test('a change of a source counts', async () => {
  const { script, write } = await workspace();
  await script();
  await write('tools/greeter/src/greet.ts', program('two'));
  expect(await script()).toBe('two library installed\n');
});

test('several first starts at once each find a whole script', async () => {
  const { script, bundles } = await workspace();
  const all = await Promise.all(Array.from({ length: 4 }, () => script()));
  expect(new Set(all)).toEqual(new Set(['one library installed\n']));
  expect(await bundles()).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
});

test('where nothing can be kept it runs all the same', async () => {
  const { script, write } = await workspace();
  // In the place of the folder, which stops root, too.
  await write('node_modules/.cache', 'a file');
  expect(await script()).toBe('one library installed\n');
});

test('a source is in its own folder', async () => {
  const { root, script } = await workspace('console.log(import.meta.dirname);\n');
  expect(await script()).toBe(`${join(root, 'tools/greeter/src')}\n`);
});

test.each([
  ['const = 1;\n', /src\/greet\.ts:1:6/],
  ['await Promise.resolve();\n', /src\/greet\.ts:1:0.*top-level await/is],
  ['console.log(import.meta.url);\n', /src\/greet\.ts:1:12.*import\.meta/s],
])('what cannot be a script is named: %j', async (source, message) => {
  const { root, script } = await workspace(source);
  await expect(script()).rejects.toThrow(message);
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true });
  expect(await readdir(join(root, 'node_modules/.cache'))).toEqual([]);
});
