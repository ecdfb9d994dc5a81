import type { Credential, CredentialOptions } from '@teleport-plugins/registry';

import { keptFor, margin } from '../aws/lifetime.js';
import type { AwsSession } from '../aws/session.js';
import { keeping } from '../kept.js';
import type { EcrRegistry } from './hostname.js';
import { requestToken, type EcrToken } from './request-token.js';

export interface TokenWish {
  /** Obtains a new one. */
  readonly obtain: (signal: AbortSignal) => Promise<EcrToken>;
  /** Whether one that is kept serves no longer. */
  readonly isStale: (token: EcrToken) => boolean;
  readonly signal: AbortSignal;
}

/** Where tokens are kept beyond the process. */
export interface EcrTokenCache {
  /** What is kept under the key, or else what `obtain` gives, which is kept then. `key` holds no secret. */
  get(key: string, wish: TokenWish): Promise<EcrToken>;
}

export interface EcrCredentialsOptions {
  readonly cache?: EcrTokenCache | undefined;
  /** Default: the system's time. */
  readonly now?: (() => Date) | undefined;
}

/** A CredentialProvider, whatever registry it is asked for: that may be one that stands in. */
export type EcrCredentials = (registry: string, options?: CredentialOptions) => Promise<Credential>;

/**
 * Tokens for a registry of Amazon's, as the session's identity: one call for all who ask, and another one
 * five minutes before it runs out, or when it has been refused.
 *
 * Throws AuthError.
 */
export function ecrCredentials(
  session: AwsSession,
  registry: EcrRegistry,
  options: EcrCredentialsOptions = {},
): EcrCredentials {
  const { cache, now: date = () => new Date() } = options;
  const now = () => date().getTime();
  const kept = keeping<EcrToken>({ keepFor: ({ expiresAt }) => keptFor(expiresAt, now()), now });
  const place = JSON.stringify(registry);

  return async (_, { signal, refused } = {}) => {
    const isRefused = ({ password }: EcrToken) =>
      refused?.kind === 'basic' && refused.password.reveal() === password.reveal();
    const isStale = (token: EcrToken) =>
      isRefused(token) || token.expiresAt.getTime() - margin < now();
    const obtain = async (working: AbortSignal): Promise<EcrToken> => {
      const request = (waiting: AbortSignal) => requestToken(session, registry, waiting);
      if (cache === undefined) return request(working);
      const key = `${place} ${await session.key(working)}`;
      return cache.get(key, { obtain: request, isStale, signal: working });
    };
    const { username, password } = await kept.get('', obtain, { signal, isStale: isRefused });
    return { kind: 'basic', username, password };
  };
}
