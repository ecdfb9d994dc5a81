import { dirname } from 'node:path';

import type { OperationOptions } from '../store.js';
import { explaining, unlessAbsent } from './failure.js';
import { synchroniseFolder } from './folders.js';
import { withLock } from './lock.js';
import { internalFolder, type Place } from './place.js';
import { removeEmptyAbove } from './room.js';
import { fileAt } from './status.js';
import type { Surroundings } from './surroundings.js';

/** Removes an object, then what describes it, then the folders that it leaves empty. */
export async function remove(
  place: Place,
  surroundings: Surroundings,
  options: OperationOptions | undefined,
): Promise<void> {
  await withLock(internalFolder(place.root), surroundings, options, async (held) => {
    if ((await fileAt(place, surroundings)) !== undefined) {
      await held.confirm();
      await unlink(place.path);
    }
    // Also when the object is gone: whoever removed it may have been killed here.
    await unlink(place.attributes);
    await removeEmptyAbove(place, surroundings);
  });

  async function unlink(path: string): Promise<void> {
    const unlinking = surroundings.fs.unlink(path).then(() => true);
    if (!(await explaining('delete it', path, unlessAbsent(unlinking, false)))) return;
    await synchroniseFolder(dirname(path), surroundings);
  }
}
