import { dirname } from 'node:path';

import { explained, isErrno } from './failure.js';
import type { Surroundings } from './surroundings.js';

/** Makes a folder and those above it, durably, unless it is there. */
export async function makeDirectory(path: string, surroundings: Surroundings): Promise<void> {
  let first: string | undefined;
  try {
    first = await surroundings.fs.mkdir(path, { recursive: true });
  } catch (error) {
    throw explained(error, 'make the folder', path);
  }
  if (first !== undefined) await synchroniseDirectory(dirname(first), surroundings);
}

/** Makes the names in a folder survive a loss of power, where the file system can. */
export async function synchroniseDirectory(path: string, { fs }: Surroundings): Promise<void> {
  try {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isErrno(error, 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM')) return;
    throw explained(error, 'synchronise it', path);
  }
}
