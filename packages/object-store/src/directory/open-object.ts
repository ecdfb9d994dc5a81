import { hasChanged } from '../refusal.js';
import type { StoredObject } from '../store.js';
import { readAhead, storedObject } from '../stored-object.js';
import { explained, isErrno } from './failure.js';
import type { Found } from './look-up.js';
import type { Place } from './place.js';
import { beginningOf, contentFrom, withFile } from './read-file.js';
import { sameFile, type Identity } from './status.js';
import type { Surroundings } from './surroundings.js';

/** An object that was found, with its beginning; `undefined` when its file is another one by now. */
export async function openObject(
  place: Place,
  { file, info }: Found,
  surroundings: Surroundings,
): Promise<StoredObject | undefined> {
  const { path } = place;
  const length = Math.min(info.size, readAhead);
  try {
    const beginning = await withFile(path, surroundings, async (open, identity) =>
      sameFile(identity, file) ? beginningOf(open, length) : undefined,
    );
    return beginning && storedObject(path, info, beginning, rest);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw explained(error, 'read it', path);
  }

  async function* rest(
    from: number,
    options: Parameters<StoredObject['content']>[0],
  ): ReturnType<StoredObject['content']> {
    const check = (now: Identity) => {
      if (!sameFile(now, file)) throw hasChanged(path, info.version);
    };
    try {
      yield* contentFrom(path, from, surroundings, check, options);
    } catch (error) {
      throw isGone(error) ? hasChanged(path, info.version) : explained(error, 'read it', path);
    }
  }
}

/** Deleted, or in its place something that is no file. */
function isGone(error: unknown): boolean {
  return isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP');
}
