import type { ObjectInfo, OperationOptions, Version } from '../store.js';
import { describedBy, readAttributes, type Attributes } from './attributes.js';
import { explained, isErrno } from './failure.js';
import type { Place } from './place.js';
import { sha256Of } from './read-file.js';
import { fileAt, sameFile, type Identity } from './status.js';
import type { Surroundings } from './surroundings.js';

/** An object as it was at one moment. */
export interface Found {
  readonly info: ObjectInfo;
  readonly file: Identity;
  /** Absent for a file that others put there. */
  readonly attributes?: Attributes;
}

/** The object at a place; `undefined` when there is none. Needs no lock. */
export async function lookUp(
  place: Place,
  surroundings: Surroundings,
  options?: OperationOptions,
): Promise<Found | undefined> {
  // Once, unless somebody else writes the object at this moment; then once more for each of their writes.
  for (;;) {
    options?.signal?.throwIfAborted();
    const file = await fileAt(place, surroundings);
    if (file === undefined) return undefined;
    const attributes = await attributesOf(place, file, surroundings);
    if (attributes !== undefined) {
      return { info: describedBy(place.key, attributes), file, attributes };
    }
    const now = await fileAt(place, surroundings);
    if (now === undefined || !sameFile(file, now)) continue;
    const info = { key: place.key, size: file.size, version: versionOfFile(file) };
    return { info, file };
  }
}

async function attributesOf(
  place: Place,
  file: Identity,
  surroundings: Surroundings,
): Promise<Attributes | undefined> {
  const contents = await readAttributes(place.attributes, surroundings);
  const exact = contents.find((each) => sameFile(each, file));
  if (exact !== undefined) return exact;
  // The folder may be a copy of another one: its files are others, and their bytes the same.
  const candidates = contents.filter(({ size }) => size === file.size);
  if (candidates.length === 0) return undefined;
  try {
    const sha256 = await sha256Of(place.path, surroundings);
    return candidates.findLast((each) => each.sha256 === sha256);
  } catch (error) {
    // Another process is at it, and it is looked up again.
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw explained(error, 'read it', place.path);
  }
}

function versionOfFile({ inode, modified, size }: Identity): Version {
  return `file-${inode}-${modified}-${size}` as Version;
}
