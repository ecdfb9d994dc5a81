import { contentOf, readAll, verified, type Content } from './content.js';
import { checkBytes, type Descriptor } from './descriptor.js';
import type { Digest } from './digest.js';
import { parseManifest, type ImageIndex, type ImageManifest } from './manifest.js';
import { referrerOf } from './referrer.js';
import { parseTag, parseTagOrDigest } from './reference.js';
import type { OperationOptions } from './operation.js';
import type { BlobStore, ManifestStore, Repository } from './repository.js';
import { blobNotFound, manifestNotFound, refuseMove } from './refusal.js';

/** A repository that lasts as long as the process. */
export function memoryRepository(name = 'memory'): Repository {
  return { name, blobs: memoryBlobs(name), manifests: memoryManifests(name) };
}

function memoryBlobs(name: string): BlobStore {
  const stored = new Map<Digest, Uint8Array>();
  return {
    async exists(blob, options) {
      await started(options);
      return stored.get(blob.digest)?.byteLength === blob.size;
    },
    async *fetch(blob, options): Content {
      await started(options);
      const bytes = stored.get(blob.digest);
      if (bytes === undefined) throw blobNotFound(name, blob);
      yield* verified(contentOf(Uint8Array.from(bytes)), blob, { from: name });
    },
    async push(blob, content, options) {
      await started(options);
      const bytes = await readAll(verified(content, blob), { ...options, limit: blob.size });
      options?.signal?.throwIfAborted();
      stored.set(blob.digest, bytes);
    },
  };
}

interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest | ImageIndex;
  readonly bytes: Uint8Array;
}

function memoryManifests(name: string): ManifestStore {
  const stored = new Map<Digest, StoredManifest>();
  const labels = new Map<string, Digest>();

  const find = (manifest: Descriptor): StoredManifest => {
    const found = stored.get(manifest.digest);
    if (found === undefined) throw manifestNotFound(name, manifest);
    checkBytes(manifest, found.bytes, `${name}@${manifest.digest}`);
    return found;
  };

  return {
    async resolve(reference, options) {
      await started(options);
      const wanted = parseTagOrDigest(reference);
      const digest = 'tag' in wanted ? labels.get(wanted.tag) : wanted.digest;
      return digest === undefined ? undefined : stored.get(digest)?.descriptor;
    },
    async fetch(manifest, options) {
      await started(options);
      return Uint8Array.from(find(manifest).bytes);
    },
    async push(descriptor, bytes, options) {
      await started(options);
      const { mediaType, digest, size } = descriptor;
      stored.set(digest, {
        descriptor: { mediaType, digest, size },
        manifest: parseManifest(descriptor, bytes),
        // A copy: the slice of a Buffer is none.
        bytes: Uint8Array.from(bytes),
      });
    },
    async tag(manifest, tag, options) {
      await started(options);
      const label = parseTag(tag);
      const wanted = find(manifest).descriptor.digest;
      const current = labels.get(label);
      if (options?.exclusive === true && current !== undefined) {
        refuseMove(name, label, { current, wanted });
      }
      labels.set(label, wanted);
    },
    async *tags(options) {
      await started(options);
      yield* [...labels.keys()].sort();
    },
    async *referrers(subject, options) {
      await started(options);
      yield* [...stored.values()]
        .filter(({ manifest }) => manifest.subject?.digest === subject.digest)
        .map(({ descriptor, manifest }) => referrerOf(descriptor, manifest))
        .sort((a, b) => (a.digest < b.digest ? -1 : 1));
    },
  };
}

/** What begins every operation: a turn of the event loop, as with a real store, and no work once aborted. */
async function started(options: OperationOptions | undefined): Promise<void> {
  await Promise.resolve();
  options?.signal?.throwIfAborted();
}
