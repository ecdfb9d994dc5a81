import type { Content, Descriptor, Repository } from '@teleport-plugins/oci';

import type { Outcome } from './events.js';
import type { PlannedManifest, PlannedNode } from './plan.js';
import { hasBlob } from './presence.js';
import { atDestination, sourceFailure } from './sides.js';

/** The two ends of a copy. */
export interface Transfer {
  readonly from: Repository;
  readonly to: Repository;
  /** Where blobs are mounted from, when any are. */
  readonly mountFrom: string | undefined;
  /** Told how many bytes of a blob the destination has taken so far. */
  readonly onProgress: (blob: Descriptor, bytes: number) => void;
}

/** Does with a blob what was planned. */
export async function transferBlob(
  transfer: Transfer,
  { descriptor, action }: PlannedNode,
  signal: AbortSignal,
): Promise<Outcome> {
  switch (action) {
    case 'skip':
      return 'skipped';
    case 'mount':
      return mountBlob(transfer, descriptor, signal);
    case 'copy':
      return copyBlob(transfer, descriptor, signal);
  }
}

/** Does with a manifest what was planned: the exact bytes that were read are written. */
export async function transferManifest(
  { to }: Transfer,
  { node: { descriptor, action }, bytes }: PlannedManifest,
  signal: AbortSignal,
): Promise<Outcome> {
  if (action === 'skip') return 'skipped';
  await atDestination(`writing manifest ${descriptor.digest} to ${to.name}`, signal, () =>
    to.manifests.push(descriptor, bytes, { signal }),
  );
  return 'copied';
}

/** Streams a blob from one side to the other. */
async function copyBlob(
  { from, to, onProgress }: Transfer,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<Outcome> {
  // A push whose content fails may throw in its own words; the source is to blame all the same.
  let blame: unknown;
  async function* source(): Content {
    try {
      yield* from.blobs.fetch(blob, { signal });
    } catch (error) {
      blame = sourceFailure(`reading blob ${blob.digest} from ${from.name}`, signal, error);
      throw blame;
    }
  }
  async function* watched(): Content {
    let bytes = 0;
    for await (const piece of source()) {
      yield piece;
      bytes += piece.byteLength;
      onProgress(blob, bytes);
    }
  }
  await atDestination(`writing blob ${blob.digest} to ${to.name}`, signal, () =>
    to.blobs.push(blob, watched(), { signal, reopen: watched }).catch((error: unknown) => {
      throw blame ?? error;
    }),
  );
  return 'copied';
}

/** Mounts a blob; where the destination does not, it has it already or gets a copy. */
async function mountBlob(
  transfer: Transfer,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<Outcome> {
  const { to, mountFrom } = transfer;
  if (mountFrom !== undefined) {
    const doing = `mounting blob ${blob.digest} from ${mountFrom} in ${to.name}`;
    const isMounted = await atDestination(doing, signal, async () =>
      to.blobs.mount?.(blob, mountFrom, { signal }),
    );
    if (isMounted === true) return 'mounted';
  }
  if (await hasBlob(to, blob, signal)) return 'skipped';
  return copyBlob(transfer, blob, signal);
}
