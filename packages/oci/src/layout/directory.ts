import { dirname } from 'node:path';

import { explained, isErrno } from './failure.js';
import type { Surroundings } from './surroundings.js';

/** Makes a folder and those above it, durably, unless it is there. */
export async function makeDirectory(path: string, surroundings: Surroundings): Promise<void> {
  // Not with mkdir's own `recursive`, which in /proc tries forever.
  const parent = dirname(path);
  if (await isDirectory(path, surroundings)) return;
  if (parent !== path) await makeDirectory(parent, surroundings);
  try {
    await surroundings.fs.mkdir(path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw explained(error, 'make the folder', path);
  }
  await synchroniseDirectory(parent, surroundings);
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

async function isDirectory(path: string, { fs }: Surroundings): Promise<boolean> {
  try {
    return (await fs.stat(path)).isDirectory();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw explained(error, 'look for it', path);
  }
}
