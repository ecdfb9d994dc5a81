import {
  formatReference,
  type OperationOptions,
  type Platform,
  type Reference,
  type Repository,
} from '@teleport-plugins/oci';

import { openBaseCache } from './base-cache.js';
import { selectBases, type BaseImage } from './base.js';
import { cached, fillBlob } from './cached.js';
import { ImageError } from './error.js';

export interface PullOptions extends OperationOptions {
  /**
   * The platforms whose layers are fetched at once, so that nothing needs the registry later. Without
   * it a layer is fetched when something reads it: not at all when the image is pushed to where the
   * base is already.
   */
  readonly platforms?: readonly Platform[];
}

/**
 * A base image from a registry, named by digest. What was read of it stays in the cache, and the
 * registry is asked only for what is not there. Throws `reference-unpinned` without a digest, and
 * `base-damaged` when the cache has other bytes, which a second call then obtains again.
 */
export async function pulledBase(
  reference: Reference,
  from: Repository,
  cacheDirectory: string,
  options: PullOptions = {},
): Promise<BaseImage> {
  const name = formatReference(reference);
  if (reference.digest === undefined) throw await unpinned(name, reference, from, options);
  const cache = await openBaseCache(cacheDirectory, options);
  const repository = cached(from, cache);
  const index = await repository.manifests.resolve(reference.digest, options);
  if (index === undefined) {
    throw new ImageError('base-invalid', `base ${name} does not exist; name another digest`);
  }

  const base = { reference: name, index, repository };
  if (options.platforms !== undefined) {
    const { selected } = await selectBases(base, options.platforms, options);
    for (const layer of selected.flatMap(({ layers }) => layers)) {
      await fillBlob(cache, from, layer, options);
    }
  }
  return base;
}

/** Says what the tag is at the moment, if the registry tells. */
async function unpinned(
  name: string,
  { tag = 'latest' }: Reference,
  from: Repository,
  options: OperationOptions,
): Promise<ImageError> {
  const now = await from.manifests.resolve(tag, options).catch(() => undefined);
  options.signal?.throwIfAborted();
  const act = now ? `write ${name}@${now.digest}, which it is now` : 'add @sha256:… to it';
  return new ImageError(
    'reference-unpinned',
    `base ${name} has no digest, so that it can change from one build to the next; ${act}`,
  );
}
