import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { end } from './evaluate.cjs';

/** @typedef {import('./locate.cjs').Programs} Programs */

/**
 * Programs as ES modules.
 *
 * @param {Programs} programs
 * @param {{ readonly splitting: boolean }} options whether what programs share, and what they load later, is in files
 *   of its own
 */
export async function bundleModules({ packageRoot, entryPoints, external = [] }, { splitting }) {
  const { outputFiles, metafile } = await build({
    ...common,
    absWorkingDir: packageRoot,
    entryPoints: { ...entryPoints },
    outExtension: { '.js': '.mjs' },
    metafile: true,
    splitting,
    format: 'esm',
    banner: { js: banner },
    plugins: [installedAt(packageRoot, external), ownFolders],
  });
  refuseNameless(metafile);
  return outputFiles;
}

/**
 * A program as one file of CommonJS.
 *
 * @param {import('./script.cjs').Script} script
 */
export async function bundleScript({ packageRoot, source }) {
  const { outputFiles } = await build({
    ...common,
    absWorkingDir: packageRoot,
    entryPoints: { script: source },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    footer: { js: end },
    // It would be undefined.
    logOverride: { 'empty-import-meta': 'error' },
    plugins: [ownFolders],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('esbuild wrote nothing');
  return script;
}

const common = /** @type {const} @satisfies {import('esbuild').BuildOptions} */ ({
  // A name: nothing is written.
  outdir: 'bundle',
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Those of ES modules, of which what is not used can be left out.
  mainFields: ['module', 'main'],
  // Names and lines stay: a stack trace of a mistake in here should be of use.
  minifySyntax: true,
  tsconfigRaw: {},
  logLevel: 'silent',
});

/**
 * In a file of its own, CommonJS exports nothing by name: what a source takes of it after `await import()` would be
 * undefined.
 *
 * @param {import('esbuild').Metafile} metafile
 */
function refuseNameless({ inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (!file.endsWith('.ts')) continue;
    for (const { kind, path, original } of imports) {
      if (kind !== 'dynamic-import' || inputs[path]?.format !== 'cjs') continue;
      throw new Error(
        `${file}: import() of ${original ?? path}, which is CommonJS, has none of its names in a bundle; import() a source that exports them from there`,
      );
    }
  }
}

/** CommonJS packages in an ES module call `require` for what is built into Node. */
const banner = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire('file:///');`;

/**
 * Imports packages from where they are installed, wherever the bundle is.
 *
 * @param {string} packageRoot
 * @param {readonly string[]} names
 * @returns {import('esbuild').Plugin}
 */
function installedAt(packageRoot, names) {
  const { resolve } = createRequire(join(packageRoot, 'package.json'));
  const filter = new RegExp(`^(?:${names.join('|').replaceAll('.', '\\.')})$`);
  return {
    name: 'installed packages',
    setup({ onResolve }) {
      onResolve({ filter }, ({ path }) => ({
        path: pathToFileURL(resolve(path)).href,
        external: true,
      }));
    },
  };
}

/**
 * `import.meta.dirname` stays the folder of the source: what is beside it is not beside the bundle.
 *
 * @type {import('esbuild').Plugin}
 */
const ownFolders = {
  name: 'folders of sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(ownFolder)) return undefined;
      const contents = source.replaceAll(ownFolder, () => JSON.stringify(dirname(path)));
      return { contents, loader: 'ts' };
    });
  },
};

const ownFolder = 'import.meta.dirname';
