import type { Repository } from '@teleport-plugins/oci';

/** A repository that writes down what is pushed to it, in order. */
export interface Watched {
  readonly repository: Repository;
  readonly pushed: string[];
}

/** `before` runs before each push, and can fail it. */
export function watched(
  inner: Repository,
  before: (count: number) => void = () => undefined,
): Watched {
  const pushed: string[] = [];
  const note = (digest: string): void => {
    before(pushed.length);
    pushed.push(digest);
  };
  const { blobs, manifests } = inner;
  const repository: Repository = {
    ...inner,
    blobs: {
      ...blobs,
      push: async (blob, content, options) => {
        note(blob.digest);
        await blobs.push(blob, content, options);
      },
    },
    manifests: {
      ...manifests,
      push: async (manifest, bytes, options) => {
        note(manifest.digest);
        await manifests.push(manifest, bytes, options);
      },
    },
  };
  return { repository, pushed };
}
