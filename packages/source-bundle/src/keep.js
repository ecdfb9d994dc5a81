import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** In milliseconds. Another process may be about to load what is younger. */
const oldAge = 24 * 60 * 60 * 1000;

/**
 * Keeps a bundle, if that may be written: a checkout may be somebody else's. It appears by rename, so that of several first
 * starts at once each finds a whole one.
 *
 * @param {readonly import('esbuild').OutputFile[]} files
 * @param {import('./locate.cjs').Place} place
 * @param {(draft: string) => Promise<void>} [finish] what is done in its folder before that
 * @returns {Promise<boolean>}
 */
export async function keep(files, { cache, folder }, finish) {
  try {
    await write(files, folder, finish);
    await removeOld(cache);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {readonly import('esbuild').OutputFile[]} files
 * @param {string} folder
 * @param {((draft: string) => Promise<void>) | undefined} finish
 */
async function write(files, folder, finish) {
  const draft = `${folder}.${process.pid}.tmp`;
  await mkdir(draft, { recursive: true });
  try {
    // Flushed before the folder gets its name: where power fails after that, a file may be empty, and an empty program
    // would succeed.
    for (const { path, contents } of files) {
      await writeFile(join(draft, basename(path)), contents, { flush: true });
    }
    await finish?.(draft);
    // Another process may have been faster, with the same.
    await rename(draft, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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
