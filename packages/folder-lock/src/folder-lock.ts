import { basename, join } from 'node:path';

import { newTicket, ownerOfTicket, type Processes } from './processes.js';

/** The lock while it is held. */
export interface Held {
  /** A file that exists as long as the lock is this process's. */
  readonly file: string;
  /** Throws what `locked` gives when the lock was lost; to be asked right before a change becomes visible. */
  confirm(): Promise<void>;
}

/** What a lock uses of the machine, so that tests can fail, kill and hold up every step of it. */
export interface LockSurroundings {
  /** The part of `node:fs/promises` that is used. */
  readonly fs: {
    mkdir(path: string): Promise<unknown>;
    open(path: string, flags: 'wx'): Promise<{ close(): Promise<void> }>;
    readdir(path: string): Promise<readonly string[]>;
    rename(from: string, to: string): Promise<void>;
    rm(
      path: string,
      options: { readonly recursive: boolean; readonly force: boolean },
    ): Promise<void>;
    rmdir(path: string): Promise<void>;
    unlink(path: string): Promise<void>;
  };
  readonly processes: Processes;
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** How the locks of one kind of folder are called, and what goes wrong with them. */
export interface FolderLockOptions<Surroundings> {
  /** Of the folder in the locked one that is the lock. */
  readonly name: string;
  /** A new path in the locked folder, for what is renamed to its place once it is complete. */
  readonly unfinishedPath: (directory: string, surroundings: Surroundings) => string;
  /** The error for a lock that cannot be had, or was lost. */
  readonly locked: (message: string, cause?: unknown) => Error;
  /** What to throw for a refusal of the file system; every other error as it is. */
  readonly explained: (error: unknown, act: string, file: string) => unknown;
}

/** Does work while no other process does any in the same folder. */
export type WithLock<Surroundings> = <T>(
  directory: string,
  surroundings: Surroundings,
  options: { readonly signal?: AbortSignal } | undefined,
  work: (held: Held) => Promise<T>,
) => Promise<T>;

/** How long one and the same holder is waited for, in milliseconds. Holding it takes a few. */
const patience = 60_000;

/** The longest pauses between two attempts, in milliseconds: at first, and at last. */
const [shortPause, longPause] = [10, 160];

/**
 * The locks of one kind of folder. A lock is a folder with one file in it that is named after its holder. It is
 * - taken by renaming a complete folder to its name, which fails while the one there is not empty;
 * - released by deleting the file;
 * - taken away from a killed holder by deleting that same file. A name is used once, so that a late
 *   deletion never hits the lock of somebody else.
 * A holder on another machine, of which nobody here can say whether it lives, loses it after a minute.
 */
export function folderLock<Surroundings extends LockSurroundings>(
  options: FolderLockOptions<Surroundings>,
): WithLock<Surroundings> {
  const { name, unfinishedPath, locked, explained } = options;

  return async (directory, surroundings, { signal } = {}, work) => {
    const lock = join(directory, name);
    const file = await take(directory, lock, surroundings, signal);
    const held: Held = {
      file,
      confirm: async () => {
        const holders = await unlessAbsent(surroundings.fs.readdir(lock), []).catch(
          (error: unknown) => {
            throw explained(error, 'look for it', file);
          },
        );
        if (!holders.includes(basename(file))) throw takenOver(lock);
      },
    };
    let result: Awaited<ReturnType<typeof work>>;
    try {
      result = await work(held);
    } catch (error) {
      await release(lock, file, surroundings).catch(() => undefined);
      throw error;
    }
    await release(lock, file, surroundings);
    return result;
  };

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

  /** A function that lets some time pass for the holder, or removes its lock when it will not do so itself. */
  function waiting(
    lock: string,
    { fs, processes, wait }: Surroundings,
    signal: AbortSignal | undefined,
  ): () => Promise<void> {
    let last: string | undefined;
    let waited = 0;
    let longest = shortPause;
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
        const pause = 2 + Math.random() * longest;
        // The more there are who wait, the longer each does: all together ask as often as a few.
        longest = Math.min(longest * 2, longPause);
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

  function heldTooLong(lock: string, owner: string): Error {
    const [, pid = 'unknown'] = owner.split('.');
    return locked(
      `${lock}: process ${pid} has been writing here for more than ${patience / 1000} seconds; ` +
        'wait for it or end it, then run this again',
    );
  }

  function takenOver(lock: string, cause?: unknown): Error {
    return locked(
      `${lock}: another process took the lock over, because this one was held up; run this again`,
      cause,
    );
  }
}

async function moved(from: string, to: string, { fs }: LockSurroundings): Promise<boolean> {
  try {
    await fs.rename(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}

async function unlessAbsent<T>(operation: Promise<T>, absent: T): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return absent;
    throw error;
  }
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
