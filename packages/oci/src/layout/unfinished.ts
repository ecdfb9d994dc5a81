import { join } from 'node:path';

import { isErrno } from './failure.js';
import { newTicket, ownerOfTicket } from '@teleport-plugins/folder-lock';
import type { Surroundings } from './surroundings.js';

const prefix = '.unfinished-';

/** How long what another machine left unfinished may still be in work, in milliseconds. */
const longestWrite = 24 * 60 * 60 * 1000;

/** A new path in the folder of a layout for what is renamed to its place once complete. */
export function unfinishedPath(layout: string, { processes }: Surroundings): string {
  return join(layout, `${prefix}${newTicket(processes)}`);
}

export function isUnfinished(name: string): boolean {
  return name.startsWith(prefix);
}

/**
 * Deletes what killed processes left unfinished. `fresh` is a path that this process just wrote: file
 * ages are measured from it, by the clock of the file system.
 */
export async function sweep(
  layout: string,
  fresh: string,
  { fs, processes }: Surroundings,
): Promise<void> {
  const now = (await fs.stat(fresh)).mtimeMs;
  for (const name of (await fs.readdir(layout)).filter(isUnfinished)) {
    const path = join(layout, name);
    const state = await processes.state(ownerOfTicket(name.slice(prefix.length)));
    if (state === 'alive' || (state === 'unknown' && !(await isOld(path)))) continue;
    await fs.rm(path, { recursive: true, force: true });
  }

  async function isOld(path: string): Promise<boolean> {
    try {
      return now - (await fs.stat(path)).mtimeMs > longestWrite;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }
}
