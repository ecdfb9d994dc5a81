import type { Descriptor, Repository } from '@teleport-plugins/oci';

import { atDestination } from './sides.js';

/** Whether the destination has a blob. */
export function hasBlob(to: Repository, blob: Descriptor, signal: AbortSignal): Promise<boolean> {
  return atDestination(`looking for blob ${blob.digest} in ${to.name}`, signal, () =>
    to.blobs.exists(blob, { signal }),
  );
}

/** Whether the destination has a manifest. */
export function hasManifest(
  to: Repository,
  manifest: Descriptor,
  signal: AbortSignal,
): Promise<boolean> {
  const doing = `looking for manifest ${manifest.digest} in ${to.name}`;
  return atDestination(doing, signal, async () => {
    const found = await to.manifests.resolve(manifest.digest, { signal });
    return found !== undefined;
  });
}
