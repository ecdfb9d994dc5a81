import type { Descriptor } from '@teleport-plugins/oci';

import type { Place } from './place.js';

/** In milliseconds, for all of it: nobody waits longer for what is only tidy. */
const patience = 2_000;

/** How often, and after how many milliseconds, an upload is asked for whose request was torn off. */
const attempts = 3;
const pause = 100;

/**
 * Ends uploads that nobody is going to complete, so that the registry need not keep them. Only at the
 * registry itself; what it says is of no interest. Never throws.
 * https://distribution.github.io/distribution/spec/api/#canceling-an-upload
 *
 * `isTorn` says that a request may have been cut off in the middle by this side: until the registry
 * notices, it may know nothing of an upload.
 */
export async function abandon(
  { exchange, path, scopes, urls }: Place,
  blob: Descriptor,
  sessions: readonly URL[],
  { isTorn }: { readonly isTorn: boolean },
): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  const end = async (url: URL): Promise<void> => {
    for (let left = isTorn ? attempts : 1; left > 0; left -= 1) {
      const response = await exchange.attempt({
        act: `end the upload of blob ${blob.digest} to ${path}`,
        method: 'DELETE',
        url,
        scopes: scopes.write,
        signal,
      });
      await response.discard();
      if (response.status !== 404) return;
      if (left > 1) await exchange.retry.clock.sleep(pause, signal);
    }
  };
  const { origin } = urls.uploads();
  const ours = sessions.filter((session) => session.origin === origin);
  await Promise.allSettled(ours.map(end));
}
