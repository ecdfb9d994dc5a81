import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { EcrToken } from '../ecr/request-token.js';
import type { EcrTokenCache } from '../ecr/tokens.js';
import { withLock } from '../files/lock.js';
import { makePrivateFolder, readPrivateFile, writePrivateFile } from './private-file.js';
import { formatToken, parseToken } from './token-file.js';

export interface TokenCacheOptions {
  /** Made when it is needed: mode 0700, its files 0600. */
  readonly folder: string;
  /** Who must own all of it; `undefined` on systems that do not number users. */
  readonly userId: number | undefined;
  readonly now: () => Date;
  /** Told, once, why nothing can be kept. That is no error: tokens are then obtained each time. */
  readonly onProblem?: (message: string) => void;
}

/** Tokens that all processes of a user share: while one obtains a token, all that want it wait for it. */
export interface TokenCache extends EcrTokenCache {
  remove(key: string): Promise<void>;
  /** Removes all. Returns how many there were. */
  clear(): Promise<number>;
}

/**
 * A cache in a private folder. What it finds there it does not trust: a file that others can read or
 * write, a link and a file of another user are removed, what it has not written itself counts for
 * nothing, and a folder that is a link or another user's is not used. It never hands out what expires
 * within five minutes, except to who has just obtained it.
 */
export function tokenCache(options: TokenCacheOptions): TokenCache {
  const { folder, userId, now } = options;
  let ready: Promise<void> | undefined;
  let isUsable = true;

  const giveUp = (error: unknown): undefined => {
    if (isUsable) options.onProblem?.(`${folder}: no tokens are kept, ${reason(error)}`);
    isUsable = false;
  };
  /** `undefined` too when the folder is of no use. */
  const inFolder = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    ready ??= makePrivateFolder(folder, userId);
    return isUsable ? ready.then(work).catch(giveUp) : undefined;
  };
  const read = (key: string) =>
    inFolder(async () => {
      const text = await readPrivateFile(pathOf(key), { userId, limit: longestFile });
      const token = text === undefined ? undefined : parseToken(key, text);
      if (token === undefined) return undefined;
      // What is no good is left for the next token to replace: to remove it could hit that one.
      const left = token.expiresAt.getTime() - now().getTime();
      return left >= shortestLife && left <= longestLife ? token : undefined;
    });
  const write = (key: string, token: EcrToken) =>
    inFolder(async () => {
      await sweep(folder, now());
      await writePrivateFile(pathOf(key), formatToken(key, token));
    });
  /** Does work while no other process does any for that key; without a folder, just does it. */
  const alone = async <T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const lock = `${pathOf(key)}.lock`;
    const begun: { work?: Promise<T> } = {};
    const locked = async () => {
      await (begun.work = work()).catch(() => undefined);
    };
    await inFolder(() =>
      withLock(lock, { signal }, locked).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      }),
    );
    signal.throwIfAborted();
    return begun.work ?? work();
  };
  const pathOf = (key: string) => join(folder, `${nameOf(key)}.json`);

  return {
    async get(key, { obtain, isStale, signal }) {
      const kept = async () => {
        const token = await read(key);
        return token === undefined || isStale(token) ? undefined : token;
      };
      const renew = async () => {
        const byAnother = await kept();
        if (byAnother !== undefined) return byAnother;
        const token = await obtain(signal);
        await write(key, token);
        return token;
      };
      return (await kept()) ?? alone(key, signal, renew);
    },
    async remove(key) {
      await inFolder(() => rm(pathOf(key), { force: true }));
    },
    async clear() {
      const removed = await inFolder(async () => {
        const tokens = (await readdir(folder)).filter((name) => name.endsWith('.json'));
        for (const name of tokens) await rm(join(folder, name), { force: true });
        return tokens.length;
      });
      return removed ?? 0;
    },
  };
}

/** In milliseconds: a token must outlive what it was asked for. */
const shortestLife = 5 * 60_000;

/** No registry gives a token for longer than 12 hours; clocks may differ. */
const longestLife = 24 * 60 * 60_000;

/** In bytes; ECR's tokens have some 2,000. */
const longestFile = 64 * 1024;

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Removes what nobody will ask for again: tokens of callers that are gone, drafts of killed writers. */
async function sweep(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now.getTime() - found.mtimeMs > longestLife) await rm(path, { force: true });
  }
}

/** Without the path, which the message names, and without Node's words for the call. */
function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `it cannot be used (${code})`;
}
