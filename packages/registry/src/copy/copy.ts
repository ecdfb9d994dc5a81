import type { Descriptor, Repository } from '@teleport-plugins/oci';

import { tallyOf, type CopyEvent, type Outcome, type Tally } from './events.js';
import { inParallel } from './in-parallel.js';
import {
  defaultConcurrency,
  preparedFor,
  prepareCopy,
  type CopyPlan,
  type CopyPlanOptions,
} from './plan.js';
import { transferBlob, transferManifest, type Transfer } from './transfer.js';

export interface CopyOptions extends CopyPlanOptions {
  /**
   * What `planCopy` returned for the same copy: nothing of that is read again, and the options that are
   * about what to copy (`mountFrom`, `referrers`) are those of the plan.
   */
  readonly plan?: CopyPlan | undefined;
  /** Called as things happen; must not throw. */
  readonly onEvent?: (event: CopyEvent) => void;
}

/** What a copy did with the blobs and manifests of an image. */
export interface CopyResult {
  readonly copied: Tally;
  readonly mounted: Tally;
  /** Was there already. */
  readonly skipped: Tally;
}

/**
 * Copies an image with all that it consists of between any two repositories: blobs first, then each
 * manifest after what it refers to, the root last, no tag. All manifests are read, and the
 * destination is asked what it has, before the first byte is written.
 *
 * A root that is there already proves nothing: registries verify references when a manifest is
 * pushed, but layouts and memory do not, and in any store a part can have been deleted since. So
 * every part is looked for, and what is missing is copied: running a broken copy again repairs it.
 * (That nothing is to be done at all is known from the tag, with one request: see `tagOnce`.)
 *
 * Blobs stream from one side to the other; both sides verify them against their digest, as the
 * `BlobStore` contract says. A blob that somebody else pushes meanwhile is as good as ours.
 *
 * @throws RegistryError `source-failed` or `destination-failed`, naming the repository and the
 *   digest, for the first failure; the rest is aborted. `graph-refused`, before anything is written,
 *   for what is too large, too deep or contradictory. The reason of `signal` when that is aborted.
 */
export async function copyGraph(
  from: Repository,
  to: Repository,
  root: Descriptor,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const { concurrency = defaultConcurrency, signal, onEvent } = options;
  const prepared = options.plan
    ? preparedFor(options.plan, from, to, root)
    : await prepareCopy(from, to, root, options);
  const { plan, mountFrom, blobs, waves } = prepared;
  const parallel = { concurrency, signal };
  const transfer: Transfer = {
    from,
    to,
    mountFrom,
    onProgress: (descriptor, bytes) => onEvent?.({ kind: 'copying', descriptor, bytes }),
  };
  const done: Record<Outcome, Descriptor[]> = { copied: [], mounted: [], skipped: [] };
  const settle = (kind: Outcome, descriptor: Descriptor): void => {
    done[kind].push(descriptor);
    onEvent?.({ kind, descriptor });
  };

  for (const { descriptor, action } of plan.nodes) onEvent?.({ kind: 'found', descriptor, action });
  await inParallel(blobs, parallel, async (blob, linked) => {
    settle(await transferBlob(transfer, blob, linked), blob.descriptor);
  });
  for (const wave of waves) {
    await inParallel(wave, parallel, async (manifest, linked) => {
      settle(await transferManifest(transfer, manifest, linked), manifest.node.descriptor);
    });
  }
  return {
    copied: tallyOf(done.copied),
    mounted: tallyOf(done.mounted),
    skipped: tallyOf(done.skipped),
  };
}
