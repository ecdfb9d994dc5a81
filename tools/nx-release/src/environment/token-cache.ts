import { placesOf, tokenCache, type TokenCache } from '@teleport-plugins/auth';

import type { Host } from '../host.js';

/** The tokens that this user's processes share. Why it can keep none is told, and stops nothing. */
export function cacheOf(host: Host): TokenCache {
  const { env: variables, homeDirectory, userId } = host;
  return tokenCache({
    folder: placesOf({ variables, homeDirectory }).cache,
    userId,
    now: () => host.now(),
    onProblem: (message) => host.printError(message),
  });
}
