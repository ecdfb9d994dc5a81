import type { Descriptor, OperationOptions, Repository } from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';
import { tallyOf, type Tally } from './events.js';
import { readGraph } from './graph.js';
import { inParallel } from './in-parallel.js';
import { defaultConcurrency } from './plan.js';
import { hasBlob } from './presence.js';
import { atSource } from './sides.js';

export interface VerifyOptions extends OperationOptions {
  /** Requests under way at once. Default: 16. */
  readonly concurrency?: number;
}

/** What was read again and found right. */
export interface VerifiedCopy {
  readonly manifests: Tally;
  readonly blobs: Tally;
}

/**
 * Reads an image again where it was copied to, as those who pull it will: the root and every manifest
 * below it, whose bytes must be the ones that their digests name; and every blob must be there, with its
 * size. The bytes of blobs are not read again: they were verified as they were written.
 *
 * @throws RegistryError `copy-unverified` when anything is missing, differs or cannot be read
 */
export async function verifyCopied(
  to: Repository,
  root: Descriptor,
  options: VerifyOptions = {},
): Promise<VerifiedCopy> {
  const { concurrency = defaultConcurrency, signal } = options;
  try {
    const graph = await readGraph(to, root, { concurrency, signal });
    await inParallel(graph.blobs, { concurrency, signal }, (blob, linked) =>
      findBlob(to, blob, linked),
    );
    const manifests = graph.waves.flat().map(({ descriptor }) => descriptor);
    return { manifests: tallyOf(manifests), blobs: tallyOf(graph.blobs) };
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RegistryError(
      'copy-unverified',
      `${to.name}@${root.digest} is not there as it should be, and nothing may be tagged: ${why}; run this step again to repair it`,
      { cause },
    );
  }
}

async function findBlob(to: Repository, blob: Descriptor, signal: AbortSignal): Promise<void> {
  if (await hasBlob(to, blob, signal)) return;
  // Not every registry answers that question (ECR Public): what can be read is there.
  await atSource(`reading blob ${blob.digest} from ${to.name}`, signal, async () => {
    const pieces = to.blobs.fetch(blob, { signal })[Symbol.asyncIterator]();
    await pieces.next();
    await pieces.return?.();
  });
}
