import { join, relative } from 'node:path';

import { ObjectStoreError } from '../error.js';
import { explaining, unlessAbsent } from './failure.js';
import { internalName, type Place } from './place.js';
import type { FileStatus, Surroundings } from './surroundings.js';

/** Which file it is, as far as the file system tells: it differs between any two that were written. */
export interface Identity {
  readonly inode: string;
  /** When its content was last written, in nanoseconds. */
  readonly modified: string;
  readonly size: number;
}

export function identityOf({ ino, mtimeNs, size }: FileStatus): Identity {
  return { inode: String(ino), modified: String(mtimeNs), size: Number(size) };
}

export function sameFile(a: Identity, b: Identity): boolean {
  return a.inode === b.inode && a.modified === b.modified && a.size === b.size;
}

/** What is at a path, itself: a link is not followed, but refused. `undefined` when there is nothing. */
export async function statusAt(
  path: string,
  { fs }: Surroundings,
): Promise<FileStatus | undefined> {
  const looking = unlessAbsent(fs.lstat(path, { bigint: true }), undefined);
  const status = await explaining('look for it', path, looking);
  if (status?.isSymbolicLink() !== true) return status;
  throw new ObjectStoreError(
    'directory-failed',
    `${path}: is a symbolic link, which is not followed; put the file itself there`,
  );
}

/** The file at the place of a key; `undefined` when there is none, or a folder. */
export async function fileAt(
  place: Place,
  surroundings: Surroundings,
): Promise<Identity | undefined> {
  for (const path of pathsTo(place)) {
    const status = await statusAt(path, surroundings);
    if (status === undefined) return undefined;
    if (path !== place.path) continue;
    if (!status.isFile() || (await otherSpelling(place, surroundings)) !== undefined) break;
    return identityOf(status);
  }
  return undefined;
}

/** The folders from the root of the store down to an object, and the object. */
export function pathsTo({ root, key }: Place): readonly string[] {
  let path = root;
  return key.split('/').map((segment) => (path = join(path, segment)));
}

/**
 * How the file system spells what it takes for a key, when that is different: some take `A` for `a`, or
 * `é` in one character for `é` in two. `undefined` when it is the key, or nothing is there.
 */
export async function otherSpelling(
  place: Place,
  surroundings: Surroundings,
): Promise<string | undefined> {
  if (!(await ignoresCase(place.root, surroundings))) return undefined;
  let folder = place.root;
  for (const segment of place.key.split('/')) {
    const reading = unlessAbsent(surroundings.fs.readdir(folder), []);
    const names = await explaining('list it', folder, reading);
    if (!names.includes(segment)) {
      const other = names.find((name) => fold(name) === fold(segment));
      return other === undefined ? undefined : relative(place.root, join(folder, other));
    }
    folder = join(folder, segment);
  }
  return undefined;
}

/** Asked by means of the one folder that is always there, by another spelling. */
async function ignoresCase(root: string, surroundings: Surroundings): Promise<boolean> {
  const other = join(root, internalName.toUpperCase());
  return (await statusAt(other, surroundings)) !== undefined;
}

function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}
