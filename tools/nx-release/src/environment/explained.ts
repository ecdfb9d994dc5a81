import type { Repository } from '@teleport-plugins/oci';

/**
 * The same repository, whose errors are replaced by what `explain` makes of them: for what a step knows
 * about a place, and the repository does not.
 */
export function explained(
  repository: Repository,
  explain: (error: unknown) => unknown,
): Repository {
  const { blobs, manifests } = repository;
  const telling = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(error);
    }
  };
  async function* tellingEach<T>(each: AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* each;
    } catch (error) {
      throw explain(error);
    }
  }
  return {
    name: repository.name,
    blobs: {
      exists: (...request) => telling(() => blobs.exists(...request)),
      fetch: (...request) => tellingEach(blobs.fetch(...request)),
      push: (...request) => telling(() => blobs.push(...request)),
      ...(blobs.mount && {
        mount: (...request) => telling(async () => (await blobs.mount?.(...request)) ?? false),
      }),
    },
    manifests: {
      resolve: (...request) => telling(() => manifests.resolve(...request)),
      fetch: (...request) => telling(() => manifests.fetch(...request)),
      push: (...request) => telling(() => manifests.push(...request)),
      tag: (...request) => telling(() => manifests.tag(...request)),
      tags: (...request) => tellingEach(manifests.tags(...request)),
      referrers: (...request) => tellingEach(manifests.referrers(...request)),
    },
  };
}
