import { dirname, join } from 'node:path';

import { ObjectStoreError } from '../error.js';
import { quoted } from '../quoted.js';
import { explained, explaining, isErrno, unlessAbsent } from './failure.js';
import { makeFolder, synchroniseFolder } from './folders.js';
import { otherSpelling, pathsTo, statusAt } from './status.js';
import type { Place } from './place.js';
import type { Surroundings } from './surroundings.js';

/**
 * Makes the folders that an object needs. Throws `key-clash` when one of them is an object, or the object
 * is a folder of others, or the file system takes its key for that of another one. Under the lock only.
 */
export async function makeRoom(place: Place, surroundings: Surroundings): Promise<void> {
  const other = await otherSpelling(place, surroundings);
  if (other !== undefined) {
    throw clash(place, `${quoted(other)} is there, and this file system takes the two for one`);
  }
  for (const path of pathsTo(place)) {
    const status = await statusAt(path, surroundings);
    if (status === undefined) break;
    if (path === place.path) {
      if (status.isDirectory() && !(await removeEmpty(path, surroundings))) {
        throw clash(place, 'there are objects whose keys begin with it and "/"');
      }
    } else if (!status.isDirectory()) {
      throw clash(
        place,
        `${quoted(path.slice(place.root.length + 1))} is an object, and no folder`,
      );
    }
  }
  await makeFolder(dirname(place.path), surroundings);
}

/** Removes the folders above a deleted object that hold nothing any more. Under the lock only. */
export async function removeEmptyAbove(place: Place, surroundings: Surroundings): Promise<void> {
  const folders = pathsTo(place).slice(0, -1).reverse();
  for (const folder of folders) {
    if (!(await removed(folder, surroundings))) return;
  }
}

/** Removes a folder in which there are at most folders in which there is nothing. */
async function removeEmpty(folder: string, surroundings: Surroundings): Promise<boolean> {
  const reading = unlessAbsent(surroundings.fs.readdir(folder), []);
  for (const name of await explaining('list it', folder, reading)) {
    const path = join(folder, name);
    const status = await statusAt(path, surroundings);
    if (status?.isDirectory() !== true || !(await removeEmpty(path, surroundings))) return false;
  }
  return removed(folder, surroundings);
}

async function removed(folder: string, surroundings: Surroundings): Promise<boolean> {
  try {
    await unlessAbsent(surroundings.fs.rmdir(folder), undefined);
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw explained(error, 'remove the empty folder', folder);
  }
  await synchroniseFolder(dirname(folder), surroundings);
  return true;
}

function clash({ root, key }: Place, what: string): ObjectStoreError {
  return new ObjectStoreError(
    'key-clash',
    `${root}: cannot keep ${quoted(key)}: ${what}; choose another key`,
  );
}
