import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { Surroundings } from '../surroundings.js';

/**
 * The same machine with a file system like those of macOS and Windows: it keeps how a name was written, and
 * finds it however it is written.
 */
export function caseless(surroundings: Surroundings): Surroundings {
  const { fs } = surroundings;
  return {
    ...surroundings,
    fs: {
      link: (from, to) => fs.link(found(from), found(to)),
      lstat: (path, options) => fs.lstat(found(path), options),
      mkdir: (path) => fs.mkdir(found(path)),
      open: (path, flags) => fs.open(found(path), flags),
      readdir: (path) => fs.readdir(found(path)),
      rename: (from, to) => fs.rename(found(from), found(to)),
      rm: (path, options) => fs.rm(found(path), options),
      rmdir: (path) => fs.rmdir(found(path)),
      unlink: (path) => fs.unlink(found(path)),
    },
  };
}

/** The path as it is written on the disk, as far as it is there. */
function found(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  const folder = found(parent);
  const name = basename(path);
  return join(folder, namesIn(folder).find((each) => fold(each) === fold(name)) ?? name);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}
