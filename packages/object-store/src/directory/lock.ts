import { join } from 'node:path';

import { ObjectStoreError } from '../error.js';
import type { OperationOptions } from '../store.js';
import { explained, isErrno, unlessAbsent } from './failure.js';
import { newTicket, ownerOfTicket } from './processes.js';
import type { Surroundings } from './surroundings.js';
import { unfinishedPath } from './unfinished.js';

/** The lock while it is held. */
export interface Held {
  /** A file that exists as long as the lock is this process's. */
  readonly file: string;
  /** Throws `locked` when the lock was lost; to be asked right before a change becomes visible. */
  confirm(): Promise<void>;
}

const lockName = 'lock';

/** How long one and the same holder is waited for, in milliseconds. Holding it takes a few. */
const patience = 60_000;

/**
 * Does work while no other process does any in the same folder. The lock is a folder, `lock`, with one
 * file in it that is named after its holder. It is
 * - taken by renaming a complete folder to `lock`, which fails while the one there is not empty;
 * - released by deleting the file;
 * - taken away from a killed holder by deleting that same file. A name is used once, so that a late
 *   deletion never hits the lock of somebody else.
 * A holder on another machine, of which nobody here can say whether it lives, loses it after `patience`.
 */
export async function withLock<T>(
  directory: string,
  surroundings: Surroundings,
  options: OperationOptions | undefined,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const lock = join(directory, lockName);
  const file = await take(directory, lock, surroundings, options?.signal);
  const held: Held = {
    file,
    confirm: async () => {
      await surroundings.fs.lstat(file, { bigint: true }).catch((error: unknown) => {
        throw isErrno(error, 'ENOENT')
          ? takenOver(lock, error)
          : explained(error, 'look for it', file);
      });
    },
  };
  let result: T;
  try {
    result = await work(held);
  } catch (error) {
    await release(lock, file, surroundings).catch(() => undefined);
    throw error;
  }
  await release(lock, file, surroundings);
  return result;
}

async function take(
  directory: string,
  lock: string,
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { fs } = surroundings;
  const ticket = newTicket(surroundings.processes);
  const prepared = unfinishedPath(directory, surroundings);
  try {
    await fs.mkdir(prepared);
    await (await fs.open(join(prepared, ticket), 'wx')).close();
    const giveWay = waiting(lock, surroundings, signal);
    while (!(await moved(prepared, lock, surroundings))) await giveWay();
  } catch (error) {
    await fs.rm(prepared, { recursive: true, force: true }).catch(() => undefined);
    // A rename can have its effect and fail nevertheless, on network file systems.
    await release(lock, join(lock, ticket), surroundings).catch(() => undefined);
    throw explained(error, 'lock it', directory);
  }
  return join(lock, ticket);
}

async function moved(from: string, to: string, { fs }: Surroundings): Promise<boolean> {
  try {
    await fs.rename(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}

/** A function that lets some time pass for the holder, or removes its lock when it will not do so itself. */
function waiting(
  lock: string,
  { fs, processes, wait }: Surroundings,
  signal: AbortSignal | undefined,
): () => Promise<void> {
  let last: string | undefined;
  let waited = 0;
  return async () => {
    signal?.throwIfAborted();
    const [holder] = await unlessAbsent(fs.readdir(lock), []);
    if (holder === undefined) return;
    if (holder !== last) waited = 0;
    last = holder;
    const state = await processes.state(ownerOfTicket(holder));
    if (state === 'dead' || (state === 'unknown' && waited >= patience)) {
      await unlessAbsent(fs.unlink(join(lock, holder)), undefined);
    } else if (waited >= patience) {
      throw heldTooLong(lock, ownerOfTicket(holder));
    } else {
      const pause = 2 + Math.random() * 20;
      waited += pause;
      await wait(pause, signal);
    }
  };
}

async function release(lock: string, file: string, { fs }: Surroundings): Promise<void> {
  try {
    await fs.unlink(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw takenOver(lock, error);
    // Once more, because a lock that stays keeps everybody out for as long as this process lives.
    await unlessAbsent(fs.unlink(file), undefined).catch((again: unknown) => {
      throw explained(again, 'release it', lock);
    });
  }
  // From here on another process may have taken it. An empty folder that stays is not a held lock.
  await fs.rmdir(lock).catch(() => undefined);
}

function heldTooLong(lock: string, owner: string): ObjectStoreError {
  const [, pid = 'unknown'] = owner.split('.');
  return new ObjectStoreError(
    'locked',
    `${lock}: process ${pid} has been writing here for more than ${patience / 1000} seconds; ` +
      'wait for it or end it, then run this again',
  );
}

function takenOver(lock: string, cause: unknown): ObjectStoreError {
  return new ObjectStoreError(
    'locked',
    `${lock}: another process took the lock over, because this one was held up; run this again`,
    { cause },
  );
}
