import { join } from 'node:path';

import { explaining, unlessAbsent } from './failure.js';
import { newTicket, ownerOfTicket } from '@teleport-plugins/folder-lock';
import type { Surroundings } from './surroundings.js';

const prefix = 'unfinished-';

/** How long what another machine left unfinished may still be in work, in nanoseconds: a day. */
const longestWrite = 24n * 60n * 60n * 1_000_000_000n;

/** A new path in a folder, for what gets its name once it is complete. */
export function unfinishedPath(folder: string, { processes }: Surroundings): string {
  return join(folder, `${prefix}${newTicket(processes)}`);
}

/**
 * Deletes what killed processes left unfinished in a folder. `fresh` is a path that this process just
 * wrote: ages are measured from it, by the clock of the file system.
 */
export async function sweep(
  folder: string,
  fresh: string,
  { fs, processes }: Surroundings,
): Promise<void> {
  const names = await explaining('list it', folder, fs.readdir(folder));
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const path = join(folder, name);
    const state = await processes.state(ownerOfTicket(name.slice(prefix.length)));
    if (state === 'alive' || (state === 'unknown' && !(await isOld(path)))) continue;
    await explaining('delete it', path, fs.rm(path, { recursive: true, force: true }));
  }

  async function isOld(path: string): Promise<boolean> {
    const [now, then] = await Promise.all([modified(fresh), modified(path)]);
    return now !== undefined && then !== undefined && now - then > longestWrite;
  }

  async function modified(path: string): Promise<bigint | undefined> {
    const status = unlessAbsent(fs.lstat(path, { bigint: true }), undefined);
    return (await explaining('look for it', path, status))?.mtimeNs;
  }
}
