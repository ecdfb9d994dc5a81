import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import {
  newTicket,
  ownerOfTicket,
  thisProcess,
  type Processes,
} from '@teleport-plugins/folder-lock';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long one and the same holder is waited for, in milliseconds. Default: a minute. */
  readonly patience?: number;
}

/**
 * Does work while no other process does any under the same lock: a file that names its holder. That of a
 * process which has ended is taken over at once; of one that lives, or of which nothing is known,
 * when `patience` is over. So it may happen that two work at a time: what they do has to bear that.
 *
 * The folder must exist. Throws the file system's error when the file cannot be made.
 */
export async function withLock<T>(
  file: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const processes = await thisProcess();
  const self = newTicket(processes);
  const prepared = `${file}.${randomUUID()}`;
  try {
    await writeFile(prepared, self, { flag: 'wx', mode: 0o600 });
    await take(file, prepared, processes, options);
  } finally {
    await unlink(prepared).catch(unless('ENOENT'));
  }
  try {
    return await work();
  } finally {
    // Somebody else's by now, when the work has taken longer than they waited.
    if ((await readHolder(file)) === self) await unlink(file).catch(unless('ENOENT'));
  }
}

async function take(
  file: string,
  prepared: string,
  processes: Processes,
  options: LockOptions,
): Promise<void> {
  const { signal, patience = 60_000 } = options;
  let waited = 0;
  let last: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    if (await isLinked(prepared, file)) return;
    const holder = await readHolder(file);
    if (holder === undefined) continue;
    if (holder !== last) waited = 0;
    last = holder;
    if (waited >= patience || (await processes.state(ownerOfTicket(holder))) === 'dead') {
      await takeAway(file, holder, options);
      continue;
    }
    const pause = 5 + Math.random() * 20;
    waited += pause;
    await setTimeout(pause, undefined, signal && { signal });
  }
}

/** A link is there with the name in it, or not at all, and never in the place of another. */
async function isLinked(prepared: string, file: string): Promise<boolean> {
  try {
    await link(prepared, file);
    return true;
  } catch (error) {
    unless('EEXIST')(error);
    return false;
  }
}

/**
 * Removes the lock of that holder. Several may be about to do so, and whoever came late would remove the
 * lock that the first one has taken since: so there is a lock for removing the one of this holder.
 */
async function takeAway(file: string, holder: string, options: LockOptions): Promise<void> {
  const id = createHash('sha256').update(holder).digest('hex').slice(0, 12);
  await withLock(`${file}.${id}`, options, async () => {
    if ((await readHolder(file)) === holder) await unlink(file).catch(unless('ENOENT'));
  });
}

async function readHolder(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(unless('ENOENT'));
}

function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  };
}
