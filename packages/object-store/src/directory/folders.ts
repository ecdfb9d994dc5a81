import { dirname } from 'node:path';

import { explained, isErrno } from './failure.js';
import type { Surroundings } from './surroundings.js';

/** Makes a folder and those above it, durably, unless it is there. */
export async function makeFolder(path: string, surroundings: Surroundings): Promise<void> {
  // Not with mkdir's own `recursive`, which in /proc tries forever.
  const parent = dirname(path);
  if (await made(path, surroundings, parent !== path)) return;
  await makeFolder(parent, surroundings);
  await made(path, surroundings, false);
}

/** Makes one folder; `false` when there is none above it, and the caller goes on to make that. */
async function made(path: string, surroundings: Surroundings, goesOn: boolean): Promise<boolean> {
  try {
    await surroundings.fs.mkdir(path);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return true;
    if (isErrno(error, 'ENOENT') && goesOn) return false;
    throw explained(error, 'make the folder', path);
  }
  await synchroniseFolder(dirname(path), surroundings);
  return true;
}

/** Makes the names in a folder survive a loss of power, where the file system can. */
export async function synchroniseFolder(path: string, { fs }: Surroundings): Promise<void> {
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
