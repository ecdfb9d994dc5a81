import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@teleport-plugins/testing';

const own = resolve(import.meta.dirname, '../..');
const installed = resolve(own, '../../node_modules');
const run = promisify(execFile);

/** A workspace with a program, which imports a library of the workspace and an installed one. */
export async function workspace(source = program('one')) {
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
  await write(
    'tools/greeter/bin/script.cjs',
    `const { runScript } = require('@teleport-plugins/source-bundle/script');
void runScript({
  packageRoot: '${join(root, 'tools/greeter')}',
  source: 'src/greet.ts',
  rehearsal: { args: ['rehearsal'], input: 'its input' },
});
`,
  );
  const node = async (...args: readonly string[]) => {
    const env = { PATH: process.env.PATH, OF_THE_CALLER: 'secret' };
    return (await run(process.execPath, args, { env })).stdout;
  };
  return {
    root,
    write,
    cache,
    start: (name = 'greet') => node(join(root, 'tools/greeter/bin/start.js'), name),
    script: (...args: readonly string[]) =>
      node(join(root, 'tools/greeter/bin/script.cjs'), ...args),
    bundles: () => readdir(cache),
  };
}

/** A source that says a word, and what the libraries export. */
export function program(word: string): string {
  return `import { word } from '@teleport-plugins/words';
import { state } from 'state';
const said: string = '${word}';
console.log(said, word, state);
`;
}
