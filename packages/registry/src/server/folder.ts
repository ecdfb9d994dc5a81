import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';

import { RegistryError } from '../error.js';
import {
  failedWith,
  linkTo,
  makeDirectory,
  readBytes,
  remove,
  unlessMissing,
  writeDurably,
  type Files,
} from './files.js';
import type { Paths } from './paths.js';

/**
 * Makes a folder a registry's, or finds that it is one, and sweeps what killed processes left in it more
 * than a day ago. With `readOnly` nothing is made or swept, and a folder without a registry is
 * `registry-missing`. Throws `directory-unusable`.
 */
export async function openFolder(
  paths: Paths,
  files: Files,
  options: { readonly readOnly: boolean },
): Promise<void> {
  try {
    if (!options.readOnly) {
      await prepare(paths, files);
      await sweep(paths, files);
    }
    const found = await readBytes(files, paths.format);
    if (!found) throw missing(paths);
    if (found.toString('utf8') !== format) {
      throw unusable(paths, 'its registry.json is of another version of this program');
    }
  } catch (error) {
    throw error instanceof RegistryError ? error : unusable(paths, describe(error), error);
  }
}

const format = '{ "format": "teleport-plugins-registry", "version": 1 }\n';
const dayInMilliseconds = 24 * 60 * 60 * 1000;

/** Any step of this may have been done before, by a process that was killed or by one beside this one. */
async function prepare(paths: Paths, files: Files): Promise<void> {
  const folders = [paths.temporary, paths.uploads, paths.repositories];
  await makeDirectory(files, paths.root);
  const names = await files.readdir(paths.root);
  if (names.includes(basename(paths.format))) return;
  const foreign = names.find(
    (name) => !name.startsWith('.') && !folders.includes(join(paths.root, name)),
  );
  if (foreign !== undefined) throw unusable(paths, `it holds other things, such as "${foreign}"`);
  for (const folder of folders) await makeDirectory(files, folder);
  const path = join(paths.temporary, randomUUID());
  await writeDurably(files, path, Buffer.from(format));
  // Also the proof that this file system has hard links, on which all else rests.
  await linkTo(files, path, paths.format);
  await remove(files, path);
}

/** Ages are taken from the file system's own clock, which may be another machine's. */
async function sweep(paths: Paths, files: Files): Promise<void> {
  const clock = join(paths.temporary, randomUUID());
  await (await files.open(clock, 'wx')).close();
  const now = (await files.stat(clock)).mtimeMs;
  await remove(files, clock);
  for (const directory of [paths.temporary, paths.uploads]) {
    for (const name of await files.readdir(directory)) {
      const path = join(directory, name);
      const stats = await unlessMissing(files.stat(path));
      if (stats && now - stats.mtimeMs > dayInMilliseconds) await remove(files, path);
    }
  }
}

function missing(paths: Paths): RegistryError {
  return new RegistryError(
    'registry-missing',
    `${paths.root} holds no registry; serve it for writing once, which makes it one`,
  );
}

function unusable(paths: Paths, why: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'directory-unusable',
    `${paths.root} cannot be a registry's folder: ${why}; name another one, or an empty one`,
    { cause },
  );
}

function describe(error: unknown): string {
  if (failedWith(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) {
    return 'its file system has no hard links';
  }
  return error instanceof Error ? error.message : String(error);
}
