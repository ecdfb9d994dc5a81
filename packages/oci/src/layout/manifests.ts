import { contentOf } from '../content.js';
import type { Descriptor } from '../descriptor.js';
import { OciError } from '../error.js';
import { parseManifest } from '../manifest.js';
import { isTag, parseTag, parseTagOrDigest } from '../reference.js';
import { referrerOf } from '../referrer.js';
import type { OperationOptions } from '../operation.js';
import type { ManifestStore } from '../repository.js';
import { manifestNotFound, refuseMove } from '../refusal.js';
import { blobPath, writeBlob } from './blobs.js';
import { corrupt } from './failure.js';
import type { IndexFile } from './index-file.js';
import { newEntry, tagged, withoutRedundant, withTag } from './layout-index.js';
import { fileSize } from './read-file.js';
import { storedManifests } from './stored-manifests.js';
import type { Surroundings } from './surroundings.js';

/**
 * Manifests are blobs of the layout. `index.json` lists those with a tag, and those that no listed
 * index leads to, so that other tools find all of them from there.
 */
export function layoutManifests(
  layout: string,
  index: IndexFile,
  surroundings: Surroundings,
): ManifestStore {
  const stored = storedManifests(layout, surroundings);

  const existing = async (manifest: Descriptor, options?: OperationOptions) => {
    const bytes = await stored.bytes(manifest, options);
    if (bytes === undefined) throw manifestNotFound(layout, manifest);
    return bytes;
  };

  const isStored = async (manifest: Descriptor, options?: OperationOptions) => {
    try {
      return (await stored.bytes(manifest, options)) !== undefined;
    } catch (error) {
      // A damaged file is replaced.
      if (error instanceof OciError && error.code !== 'layout-failed') return false;
      throw error;
    }
  };

  return {
    async resolve(reference, options) {
      options?.signal?.throwIfAborted();
      const wanted = parseTagOrDigest(reference);
      if ('digest' in wanted) return stored.describe(wanted.digest, options);
      const found = tagged(await index.read(), wanted.tag, index.path);
      if (found === undefined) return undefined;
      const path = blobPath(layout, found.digest);
      if ((await fileSize(path, surroundings)) === undefined) {
        throw corrupt(`${path}: is missing, the manifest that index.json tags ${wanted.tag}`);
      }
      const { mediaType, digest, size } = found;
      return { mediaType, digest, size };
    },
    async fetch(manifest, options) {
      options?.signal?.throwIfAborted();
      return existing(manifest, options);
    },
    async push(manifest, bytes, options) {
      options?.signal?.throwIfAborted();
      parseManifest(manifest, bytes);
      if (!(await isStored(manifest, options))) {
        await writeBlob(layout, manifest, contentOf(bytes), surroundings, options);
      }
      await index.update(
        (current) =>
          withoutRedundant(
            { ...current, entries: [...current.entries, newEntry(manifest)] },
            stored.reachable,
          ),
        options,
      );
    },
    async tag(manifest, tag, options) {
      options?.signal?.throwIfAborted();
      const label = parseTag(tag);
      parseManifest(manifest, await existing(manifest, options));
      await index.update((current) => {
        if (options?.exclusive === true) {
          const before = tagged(current, label, index.path)?.digest ?? manifest.digest;
          refuseMove(layout, label, { current: before, wanted: manifest.digest });
        }
        return withoutRedundant(withTag(current, manifest, label), stored.reachable);
      }, options);
    },
    async *tags(options) {
      options?.signal?.throwIfAborted();
      const { entries } = await index.read();
      const tags = entries.flatMap(({ tag }) => (tag !== undefined && isTag(tag) ? [tag] : []));
      yield* [...new Set(tags)].sort();
    },
    async *referrers(subject, options) {
      options?.signal?.throwIfAborted();
      const { entries } = await index.read();
      const roots = entries.map(({ descriptor }) => descriptor);
      const found: Descriptor[] = [];
      for await (const { descriptor, manifest } of stored.walk(roots, options)) {
        if (manifest.subject?.digest === subject.digest) {
          found.push(referrerOf(descriptor, manifest));
        }
      }
      yield* found.sort((a, b) => (a.digest < b.digest ? -1 : 1));
    },
  };
}
