import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build, stop } from 'esbuild';

/** In milliseconds. Another process may be about to load what is younger. */
const oldAge = 24 * 60 * 60 * 1000;

/**
 * Makes the bundle and keeps it, if that may be written: a checkout may be somebody else's.
 *
 * @param {{ readonly path: string, readonly packageRoot: string }} place
 * @returns {Promise<URL>} to import it from
 */
export async function makeBundle({ path, packageRoot }) {
  const program = await bundle(packageRoot);
  try {
    await keep(program, path);
    return pathToFileURL(path);
  } catch {
    return new URL(`data:text/javascript;base64,${Buffer.from(program).toString('base64')}`);
  }
}

/** @param {string} packageRoot */
async function bundle(packageRoot) {
  const { outputFiles } = await build({
    absWorkingDir: packageRoot,
    entryPoints: ['src/main.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    // Names stay: a stack trace of a mistake in here should be of use.
    minifySyntax: true,
    minifyWhitespace: true,
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: { js: banner },
  });
  // Its process would keep this one waiting.
  await stop();
  const [program] = outputFiles;
  if (program === undefined) throw new Error('esbuild wrote nothing');
  return program.contents;
}

/** CommonJS packages in an ES module call `require` for what is built into Node. */
const banner = `import { createRequire as __createRequire } from 'node:module';
globalThis.require ??= __createRequire('file:///');`;

/**
 * It appears by rename, so that of several first starts at once each finds a whole one.
 *
 * @param {Uint8Array} program
 * @param {string} path
 */
async function keep(program, path) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, program);
  await rename(temporary, path);
  await removeOld(dirname(path));
}

/**
 * Removes bundles of sources that have changed since.
 *
 * @param {string} folder
 */
async function removeOld(folder) {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > oldAge) await rm(path, { force: true });
  }
}
