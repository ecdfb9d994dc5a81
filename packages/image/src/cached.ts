import {
  isDigest,
  type Content,
  type Descriptor,
  type OperationOptions,
  type Repository,
} from '@teleport-plugins/oci';

/**
 * The repository, of which every manifest and blob is fetched once and then read from the cache. What
 * the cache has is found without the repository, which need not be reachable then. The cache may have
 * a manifest of which it lacks blobs: it is read through this only. Writing is to the repository.
 */
export function cached(repository: Repository, cache: Repository): Repository {
  const { blobs, manifests } = repository;
  return {
    name: repository.name,
    blobs: {
      exists: async (blob, options) =>
        (await cache.blobs.exists(blob, options)) || (await blobs.exists(blob, options)),
      async *fetch(blob, options): Content {
        await fillBlob(cache, repository, blob, options);
        yield* cache.blobs.fetch(blob, options);
      },
      push: (blob, content, options) => blobs.push(blob, content, options),
    },
    manifests: {
      resolve: async (reference, options) =>
        (isDigest(reference) ? await cache.manifests.resolve(reference, options) : undefined) ??
        (await manifests.resolve(reference, options)),
      fetch: async (manifest, options) => {
        if (await cache.manifests.resolve(manifest.digest, options)) {
          return cache.manifests.fetch(manifest, options);
        }
        const bytes = await manifests.fetch(manifest, options);
        await cache.manifests.push(manifest, bytes, options);
        return bytes;
      },
      push: (manifest, bytes, options) => manifests.push(manifest, bytes, options),
      tag: (manifest, tag, options) => manifests.tag(manifest, tag, options),
      tags: (options) => manifests.tags(options),
      referrers: (manifest, options) => manifests.referrers(manifest, options),
    },
  };
}

/** Copies a blob into the cache, unless it is there. */
export async function fillBlob(
  cache: Repository,
  repository: Repository,
  blob: Descriptor,
  options?: OperationOptions,
): Promise<void> {
  if (await cache.blobs.exists(blob, options)) return;
  await cache.blobs.push(blob, repository.blobs.fetch(blob, options), options);
}
