import type { Descriptor, Digest, OperationOptions, Repository } from '@teleport-plugins/oci';
import { floatingTags } from '@teleport-plugins/release';

import type { Step } from '../../step/step.js';

/** A floating tag that has to be set. */
export interface FloatingTag {
  readonly tag: string;
  /** What it is on now; absent when there is no such tag. */
  readonly from?: Digest;
}

/**
 * The floating tags that belong on the image of a version, by the versions that are public, and are
 * not there yet.
 */
export async function misplacedTags(
  repository: Repository,
  image: Descriptor,
  { plugin, selection }: Pick<Step, 'plugin' | 'selection'>,
  options: OperationOptions,
): Promise<readonly FloatingTag[]> {
  const existing: string[] = [];
  for await (const tag of repository.manifests.tags(options)) existing.push(tag);

  const misplaced: FloatingTag[] = [];
  for (const tag of floatingTags(selection.version, plugin.image.floatingTags, existing)) {
    const now = existing.includes(tag)
      ? await repository.manifests.resolve(tag, options)
      : undefined;
    if (now?.digest !== image.digest) misplaced.push({ tag, ...(now && { from: now.digest }) });
  }
  return misplaced;
}
