import { checkBytes, type Descriptor } from '../descriptor.js';
import type { Digest } from '../digest.js';
import { OciError } from '../error.js';
import {
  checkManifestSize,
  children,
  manifestSizeLimit,
  manifestTypeOf,
  parseManifest,
  type ImageIndex,
  type ImageManifest,
} from '../manifest.js';
import { isIndexType, isManifestType } from '../media-type.js';
import type { OperationOptions } from '../operation.js';
import { blobPath, damagedBlob, isMismatch } from './blobs.js';
import { fileSize, smallFile } from './read-file.js';
import type { Surroundings } from './surroundings.js';

interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest | ImageIndex;
}

/** The manifests among the blobs of a layout. */
export interface StoredManifests {
  /** The bytes, verified; `undefined` when absent. */
  bytes(manifest: Identity, options?: OperationOptions): Promise<Uint8Array | undefined>;
  /** The descriptor of what has this digest; `undefined` when it is absent or not a manifest. */
  describe(digest: Digest, options?: OperationOptions): Promise<Descriptor | undefined>;
  /** These manifests and all that they lead to, as far as they are stored; each once. */
  walk(roots: Iterable<Descriptor>, options?: OperationOptions): AsyncIterable<StoredManifest>;
  /** The digests that an index leads to. Of a damaged one there are none: writing it again repairs it. */
  readonly reachable: (from: Descriptor) => Promise<ReadonlySet<Digest>>;
}

type Identity = Pick<Descriptor, 'digest' | 'size'>;

export function storedManifests(layout: string, surroundings: Surroundings): StoredManifests {
  const bytes: StoredManifests['bytes'] = async (manifest, options) => {
    checkManifestSize(manifest.size, `manifest ${manifest.digest}`);
    const path = blobPath(layout, manifest.digest);
    const found = await smallFile(path, surroundings, { ...options, limit: manifestSizeLimit });
    try {
      if (found !== undefined) checkBytes(manifest, found, manifest.digest);
    } catch (error) {
      throw isMismatch(error) ? damagedBlob(path, error) : error;
    }
    return found;
  };

  const listedBy = async (index: Descriptor): Promise<readonly Descriptor[]> => {
    try {
      const found = await bytes(index);
      return found === undefined ? [] : children(parseManifest(index, found)).manifests;
    } catch (error) {
      if (error instanceof OciError && error.code !== 'layout-failed') return [];
      throw error;
    }
  };

  return {
    bytes,
    async describe(digest, options) {
      const size = await fileSize(blobPath(layout, digest), surroundings);
      if (size === undefined || size > manifestSizeLimit) return undefined;
      const found = await bytes({ digest, size }, options);
      const mediaType = found && manifestTypeOf(found);
      return mediaType && { mediaType, digest, size };
    },
    async *walk(roots, options) {
      const pending = [...roots];
      const seen = new Set<Digest>();
      for (let descriptor = pending.pop(); descriptor; descriptor = pending.pop()) {
        if (seen.has(descriptor.digest) || !isManifestType(descriptor.mediaType)) continue;
        seen.add(descriptor.digest);
        const found = await bytes(descriptor, options);
        if (found === undefined) continue;
        const manifest = parseManifest(descriptor, found);
        pending.push(...children(manifest).manifests);
        yield { descriptor, manifest };
      }
    },
    async reachable(from) {
      const pending = [from];
      const found = new Set<Digest>();
      for (let next = pending.pop(); next; next = pending.pop()) {
        if (!isIndexType(next.mediaType)) continue;
        const below = (await listedBy(next)).filter(({ digest }) => !found.has(digest));
        for (const { digest } of below) found.add(digest);
        pending.push(...below);
      }
      return found;
    },
  };
}
