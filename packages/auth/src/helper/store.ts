import { tokenCache } from '../cache/token-cache.js';
import { placesOf, type PlacesOptions } from './places.js';
import type { HelperStore } from './protocol.js';
import { registeredKey, registeredToken } from './registered-token.js';
import { readRegistrations } from './registrations.js';

export interface HelperStoreOptions extends PlacesOptions {
  /** The number of the user, where there is one. */
  readonly userId: number | undefined;
  /** The name of the user. */
  readonly user: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Told of what is no error, but should be known. */
  readonly onProblem: (message: string) => void;
}

/** The tokens for the registries that are registered. */
export function helperStore(options: HelperStoreOptions): HelperStore {
  const places = placesOf(options);
  const cache = tokenCache({ ...options, folder: places.cache });
  const registered = () => readRegistrations(places.registrations);

  return {
    credential: async (host) => {
      const registration = (await registered()).get(host);
      return registration && registeredToken(registration, { ...options, cache });
    },
    forget: async (host) => {
      const registration = (await registered()).get(host);
      if (registration) await cache.remove(await registeredKey(registration, options));
    },
    hosts: async () => [...(await registered()).keys()],
  };
}
