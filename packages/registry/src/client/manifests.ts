import {
  parseManifest,
  parseTag,
  referrerOf,
  type ManifestStore,
  type OperationOptions,
} from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';
import { manifestCache } from './manifest-cache.js';
import { getManifest, putManifest } from './manifest-requests.js';
import type { Place } from './place.js';
import { referrersAt } from './referrers.js';
import { resolveAt } from './resolve.js';
import { listTags } from './tags.js';

/** The manifests of a repository in a registry. */
export function manifestsAt(place: Place): ManifestStore {
  const cache = manifestCache();
  const referrers = referrersAt(place);

  const resolve = (reference: string, options: OperationOptions = {}) =>
    resolveAt(place, reference, options);

  return {
    resolve,

    async fetch(manifest, options = {}) {
      const bytes = await getManifest(place, manifest, options);
      cache.set(manifest.digest, bytes);
      return bytes;
    },

    async push(descriptor, bytes, { signal } = {}) {
      const manifest = parseManifest(descriptor, bytes);
      const options = { ...(signal && { signal }) };
      const written = await putManifest(place, descriptor, bytes, options);
      if (written.outcome === 'tag-exists') throw written.error;
      cache.set(descriptor.digest, bytes);
      if (manifest.subject && !written.isReferrer) {
        await referrers.add(manifest.subject, referrerOf(descriptor, manifest), options);
      }
    },

    async tag(manifest, tag, options = {}) {
      const label = parseTag(tag);
      const bytes = cache.get(manifest.digest) ?? (await getManifest(place, manifest, options));
      cache.set(manifest.digest, bytes);
      const written = await putManifest(place, manifest, bytes, { ...options, tag: label });
      if (written.outcome === 'written') return;
      const current = await resolve(label, options);
      // Ours: refused because it is there already, or because only the answer to the first try was lost.
      if (current?.digest === manifest.digest) return;
      throw new RegistryError(
        'tag-exists',
        `${place.name}:${label} is ${current?.digest ?? 'taken'} and is not moved to ${manifest.digest}; choose another tag`,
        { cause: written.error, status: written.error.status },
      );
    },

    tags: (options = {}) => listTags(place, options),
    referrers: (subject, options = {}) => referrers.of(subject, options),
  };
}
