import type { Content, Descriptor, Repository } from '@teleport-plugins/oci';

/** A moment in an operation on a repository at which the world can end. */
export interface Step {
  readonly repository: string;
  readonly operation:
    | 'blob.exists'
    | 'blob.fetch'
    | 'blob.push'
    | 'blob.mount'
    | 'manifest.resolve'
    | 'manifest.fetch'
    | 'manifest.push'
    | 'manifest.referrers'
    | 'tag';
  /** `after`: it is done, and the answer can still be lost. `during`: after a piece of a blob. */
  readonly at: 'before' | 'during' | 'after';
  /** The digest, tag or reference that it is about. */
  readonly about: string;
}

/** The same repository, which tells of every step; what `onStep` throws, the operation throws. */
export function stepped(repository: Repository, onStep: (step: Step) => void): Repository {
  const { name, blobs, manifests } = repository;
  const around = async <T>(
    operation: Step['operation'],
    about: string,
    act: () => Promise<T>,
  ): Promise<T> => {
    onStep({ repository: name, operation, at: 'before', about });
    const result = await act();
    onStep({ repository: name, operation, at: 'after', about });
    return result;
  };
  async function* pieces(
    operation: Step['operation'],
    blob: Descriptor,
    content: Content,
  ): Content {
    for await (const piece of content) {
      onStep({ repository: name, operation, at: 'during', about: blob.digest });
      yield piece;
    }
  }
  const mount = blobs.mount?.bind(blobs);
  return {
    name,
    blobs: {
      exists: (blob, options) =>
        around('blob.exists', blob.digest, () => blobs.exists(blob, options)),
      async *fetch(blob, options) {
        onStep({ repository: name, operation: 'blob.fetch', at: 'before', about: blob.digest });
        yield* pieces('blob.fetch', blob, blobs.fetch(blob, options));
      },
      push: (blob, content, options) =>
        around('blob.push', blob.digest, () =>
          blobs.push(blob, pieces('blob.push', blob, content), options),
        ),
      ...(mount && {
        mount: (blob: Descriptor, from: string) =>
          around('blob.mount', blob.digest, () => mount(blob, from)),
      }),
    },
    manifests: {
      resolve: (reference, options) =>
        around('manifest.resolve', reference, () => manifests.resolve(reference, options)),
      fetch: (manifest, options) =>
        around('manifest.fetch', manifest.digest, () => manifests.fetch(manifest, options)),
      push: (manifest, bytes, options) =>
        around('manifest.push', manifest.digest, () => manifests.push(manifest, bytes, options)),
      tag: (manifest, tag, options) =>
        around('tag', tag, () => manifests.tag(manifest, tag, options)),
      tags: (options) => manifests.tags(options),
      async *referrers(manifest, options) {
        const operation = 'manifest.referrers';
        onStep({ repository: name, operation, at: 'before', about: manifest.digest });
        yield* manifests.referrers(manifest, options);
      },
    },
  };
}

/** How often each operation was begun, as `operation about`. */
export function counted(steps: readonly Step[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { operation, at, about } of steps) {
    if (at !== 'before') continue;
    const key = `${operation} ${about}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
