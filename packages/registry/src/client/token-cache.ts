import type { Secret } from '@teleport-plugins/secrets';

import { shared, type Clock } from './clock.js';
import { covers, type Scope } from './scope.js';
import type { Token } from './token.js';

/** Tokens by their scopes, until they run out. Those who want the same one at the same time share it. */
export interface TokenCache {
  get(
    scopes: readonly Scope[],
    request: () => Promise<Token>,
    signal: AbortSignal | undefined,
  ): Promise<Secret>;
  /** Whether this token may be handed out. */
  has(header: Secret): boolean;
  /** Those were refused: they are not handed out again. */
  forget(isRefused: (header: Secret) => boolean): void;
}

/** A token is not used for the last tenth of its life, 30 seconds at most: requests take their time. */
const margin = { share: 0.1, most: 30_000 };

interface Held {
  readonly scopes: readonly Scope[];
  readonly token: Promise<Token>;
  header?: Secret;
  /** On the clock; not known before the token is there. */
  expires: number;
}

export function tokenCache(clock: Clock): TokenCache {
  let held: readonly Held[] = [];

  const hold = (scopes: readonly Scope[], request: () => Promise<Token>): Held => {
    const asked = clock.now();
    const token = request();
    const entry: Held = { scopes, token, expires: Infinity };
    held = [...held, entry];
    token.then(
      ({ header, lifetime }) => {
        entry.header = header;
        entry.expires = asked + lifetime - Math.min(lifetime * margin.share, margin.most);
      },
      () => {
        held = held.filter((each) => each !== entry);
      },
    );
    return entry;
  };

  return {
    async get(scopes, request, signal) {
      const now = clock.now();
      held = held.filter(({ expires }) => now < expires);
      const entry = held.find((each) => covers(each.scopes, scopes)) ?? hold(scopes, request);
      return (await shared(entry.token, signal)).header;
    },
    has: (header) => held.some((each) => each.header === header),
    forget(isRefused) {
      held = held.filter(({ header }) => header === undefined || !isRefused(header));
    },
  };
}
