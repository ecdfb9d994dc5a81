import { planCopy, type CopyPlan } from '@teleport-plugins/registry';
import type { Descriptor, Repository } from '@teleport-plugins/oci';

import type { Place } from '../../environment/place.js';
import { StepError } from '../../error.js';
import { openTreeImage } from '../../image/tree-image.js';
import { describeCopy } from '../../step/describe-copy.js';
import type { Line } from '../../step/show.js';
import type { EnvironmentStep } from '../../step/step.js';

/** What push-staging is going to do. */
export interface Push {
  readonly image: Descriptor;
  /** Absent when the version is staged already. */
  readonly work?: {
    readonly from: Repository;
    readonly copy: CopyPlan;
    /** What has to be made first. */
    readonly preparation: readonly Line[];
  };
}

/**
 * Compares the image of the working tree with what is staged. Reads only.
 *
 * @throws StepError `other-version` for a version that is neither staged nor the working tree's, the
 *   only one that can be pushed; `digest-differs` when the version is staged with other bytes
 */
export async function planPush(step: EnvironmentStep, staging: Place): Promise<Push> {
  const { version, isTree } = step.selection;
  const { signal } = step.host;
  const staged = await staging.repository.manifests.resolve(version, { signal });
  if (!isTree) {
    if (staged === undefined) throw notOfTree(step, staging);
    return { image: staged };
  }
  const { index: image, complete } = await openTreeImage(step);
  if (staged !== undefined && staged.digest !== image.digest) {
    throw otherBytes(step, staging, { staged, image });
  }
  if (staged !== undefined) return { image };
  const from = await complete();
  const copy = await planCopy(from, staging.repository, image, { signal });
  return { image, work: { from, copy, preparation: await staging.preparation() } };
}

export function describePush(
  { selection, dryRun }: EnvironmentStep,
  image: Descriptor,
  copy: CopyPlan,
): readonly Line[] {
  return [['image', image.digest], ...describeCopy(copy, dryRun), ['tag', selection.version]];
}

function notOfTree(
  { project, plugin, selection, environment }: EnvironmentStep,
  staging: Place,
): StepError {
  const reference = staging.reference({ tag: selection.version });
  return new StepError(
    'other-version',
    `${reference} is not staged, and the working tree is ${plugin.version}; to stage ${selection.version}, check out ${selection.releaseTag} and run \`npx nx run ${project}:push-staging:${environment.name}\` there`,
  );
}

function otherBytes(
  { plugin, selection }: EnvironmentStep,
  staging: Place,
  digests: { readonly staged: Descriptor; readonly image: Descriptor },
): StepError {
  const reference = staging.reference({ tag: selection.version });
  return new StepError(
    'digest-differs',
    `${reference} is staged as ${digests.staged.digest}, and the working tree gives ${digests.image.digest}; a version never changes its bytes: give the new ones another version in ${plugin.root}/package.json, or check out ${selection.releaseTag}`,
  );
}
