import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build, stop } from 'esbuild';

/** @typedef {import('./index.js').Programs} Programs */
/** @typedef {import('./locate.js').Place} Place */

/** In milliseconds. Another process may be about to load what is younger. */
const oldAge = 24 * 60 * 60 * 1000;

/**
 * Bundles programs and keeps them, if that may be written: a checkout may be somebody else's.
 *
 * @param {Programs} programs
 * @param {Place} place
 * @param {string} name of the one to run
 * @returns {Promise<string>} a URL to import it from
 */
export async function makeBundle(programs, place, name) {
  try {
    const files = await bundle(programs, { splitting: true });
    const isKept = await keep(files, place).then(
      () => true,
      () => false,
    );
    if (isKept) return pathToFileURL(join(place.folder, `${name}.mjs`)).href;
    const [program] = await bundle(only(name, programs), { splitting: false });
    if (program === undefined) throw new Error('esbuild wrote nothing');
    return `data:text/javascript;base64,${Buffer.from(program.contents).toString('base64')}`;
  } finally {
    // Its process would keep this one waiting.
    await stop();
  }
}

/**
 * @param {string} name
 * @param {Programs} programs
 * @returns {Programs}
 */
function only(name, programs) {
  return { ...programs, entryPoints: { [name]: programs.entryPoints[name] ?? name } };
}

/**
 * @param {Programs} programs
 * @param {{ readonly splitting: boolean }} options whether what programs share, and what they load later, is in files
 *   of its own
 */
async function bundle({ packageRoot, entryPoints, external = [] }, { splitting }) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: packageRoot,
    entryPoints: { ...entryPoints },
    // A name: nothing is written.
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    bundle: true,
    splitting,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    // Those of ES modules, of which what is not used can be left out.
    mainFields: ['module', 'main'],
    // Names and lines stay: a stack trace of a mistake in here should be of use.
    minifySyntax: true,
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: { js: banner },
    plugins: [installedAt(packageRoot, external), ownFolders],
  });
  refuseNameless(metafile);
  return outputFiles;
}

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

/**
 * It appears by rename, so that of several first starts at once each finds a whole one.
 *
 * @param {readonly import('esbuild').OutputFile[]} files
 * @param {Place} place
 */
async function keep(files, { cache, folder }) {
  const draft = `${folder}.${process.pid}.tmp`;
  await mkdir(draft, { recursive: true });
  try {
    for (const { path, contents } of files) await writeFile(join(draft, basename(path)), contents);
    // Another process may have been faster, with the same.
    await rename(draft, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeOld(cache);
}

/**
 * Removes bundles of sources as they were.
 *
 * @param {string} cache
 */
async function removeOld(cache) {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > oldAge) await rm(path, { recursive: true, force: true });
  }
}
