import type { Digest } from '@teleport-plugins/oci';

/** In bytes; a few images with all their platforms. */
const capacity = 16 * 1024 * 1024;

/**
 * Bytes of manifests that are known to be in a repository, so that a tag costs one request. Only for that:
 * whoever reads a manifest wants what the registry has.
 */
export interface ManifestCache {
  get(digest: Digest): Uint8Array | undefined;
  set(digest: Digest, bytes: Uint8Array): void;
}

export function manifestCache(): ManifestCache {
  const held = new Map<Digest, Uint8Array>();
  let size = 0;
  const remove = (digest: Digest) => {
    size -= held.get(digest)?.byteLength ?? 0;
    held.delete(digest);
  };
  return {
    get: (digest) => held.get(digest),
    set(digest, bytes) {
      remove(digest);
      // A copy: the slice of a Buffer is none.
      held.set(digest, Uint8Array.from(bytes));
      size += bytes.byteLength;
      for (const oldest of held.keys()) {
        if (size <= capacity) return;
        remove(oldest);
      }
    },
  };
}
