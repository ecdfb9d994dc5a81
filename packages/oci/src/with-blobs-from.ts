import type { Content } from './content.js';
import type { Descriptor } from './descriptor.js';
import type { OperationOptions } from './operation.js';
import type { BlobStore, Repository } from './repository.js';

/**
 * The same repository, which reads a blob from the others, in their order, when it lacks it: an image
 * layout whose base layers are in a shared cache. Writing is to the repository itself.
 */
export function withBlobsFrom(repository: Repository, ...others: readonly BlobStore[]): Repository {
  const own = repository.blobs;

  const holder = async (
    blob: Descriptor,
    options?: OperationOptions,
  ): Promise<BlobStore | undefined> => {
    for (const store of [own, ...others]) {
      if (await store.exists(blob, options)) return store;
    }
    return undefined;
  };

  const blobs: BlobStore = {
    exists: async (blob, options) => (await holder(blob, options)) !== undefined,
    async *fetch(blob, options): Content {
      // Nobody has it: the error is the repository's own.
      const store = (await holder(blob, options)) ?? own;
      yield* store.fetch(blob, options);
    },
    push: (blob, content, options) => own.push(blob, content, options),
    ...(own.mount && { mount: own.mount.bind(own) }),
  };
  return { name: repository.name, blobs, manifests: repository.manifests };
}
