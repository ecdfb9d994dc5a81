import { join } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';
import { temporaryDirectory } from '@teleport-plugins/testing';

import type { EcrToken } from '../../ecr/request-token.js';
import type { TokenWish } from '../../ecr/tokens.js';
import { tokenCache, type TokenCache, type TokenCacheOptions } from '../token-cache.js';

const now = new Date('2026-01-02T03:04:05.000Z');

export const key = 'registry.example, as ann';

/** A token that lasts so long from `now`. */
export function tokenFor(minutes: number, password = 'opensesame'): EcrToken {
  const expiresAt = new Date(now.getTime() + minutes * 60_000);
  return { username: 'AWS', password: new Secret(password), expiresAt };
}

/** A cache in a new folder, and what it says of problems. */
export async function openedCache(options: Partial<TokenCacheOptions> = {}) {
  const folder = options.folder ?? join(await temporaryDirectory(), 'teleport-release');
  const problems: string[] = [];
  const userId = process.getuid?.();
  const onProblem = (message: string) => problems.push(message);
  return {
    folder,
    problems,
    cache: tokenCache({ userId, now: () => now, onProblem, ...options, folder }),
  };
}

/** What is kept, or nothing. */
export async function keptIn(cache: TokenCache, wanted = key): Promise<EcrToken | undefined> {
  const none = new Error('none');
  const obtain = () => Promise.reject(none);
  return cache.get(wanted, wish(obtain)).catch((error: unknown) => {
    if (error !== none) throw error;
    return undefined;
  });
}

/** Puts a token there, whatever was there before. */
export async function keep(cache: TokenCache, token: EcrToken, wanted = key): Promise<void> {
  await cache.get(wanted, { ...wish(() => Promise.resolve(token)), isStale: () => true });
}

export function wish(obtain: TokenWish['obtain'], options: Partial<TokenWish> = {}): TokenWish {
  return { obtain, isStale: () => false, signal: new AbortController().signal, ...options };
}
