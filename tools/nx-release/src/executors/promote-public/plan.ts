import type { Descriptor, Repository } from '@teleport-plugins/oci';
import { planCopy, type CopyPlan } from '@teleport-plugins/registry';
import { imageRepository } from '@teleport-plugins/release';

import type { Place } from '../../environment/place.js';
import { StepError } from '../../error.js';
import { openTreeImage } from '../../image/tree-image.js';
import { describeCopy } from '../../step/describe-copy.js';
import type { Line } from '../../step/show.js';
import { isRunBefore, type EnvironmentStep } from '../../step/step.js';
import { misplacedTags, type FloatingTag } from './floating.js';

/** What promote-public is going to do. */
export interface Promotion {
  readonly image: Descriptor;
  readonly from: Repository;
  /** Absent when the version is public already. */
  readonly copy?: CopyPlan;
  /** What has to be made first. */
  readonly preparation: readonly Line[];
  readonly floating: readonly FloatingTag[];
}

/**
 * Compares what is staged with what is public. Reads only. The digest is the one that the staging
 * registry has under the version, whatever has been built here.
 *
 * @throws StepError `not-staged`, and `digest-differs` when the version is public with other bytes
 */
export async function planPromotion(
  step: EnvironmentStep,
  staging: Place,
  publicPlace: Place,
): Promise<Promotion> {
  const { version } = step.selection;
  const { signal } = step.host;
  const { image, from } = (await staged(step, staging)) ?? (await wouldBeStaged(step, staging));
  const { repository: to } = publicPlace;

  const existing = await to.manifests.resolve(version, { signal });
  if (existing !== undefined && existing.digest !== image.digest) {
    throw otherBytes(step, publicPlace, { existing, image });
  }
  const floating = await misplacedTags(to, image, step, { signal });
  if (existing !== undefined) return { image, from, floating, preparation: [] };
  const copy = await planCopy(from, to, image, { signal, ...mounting(step) });
  return { image, from, copy, floating, preparation: await publicPlace.preparation() };
}

export function describePromotion(
  { selection, dryRun }: EnvironmentStep,
  { image, copy, floating, preparation }: Promotion,
): readonly Line[] {
  return [
    ['image', image.digest],
    ...preparation,
    ...(copy === undefined
      ? []
      : [...describeCopy(copy, dryRun), ['tag', selection.version] as const]),
    ...floating.map(({ tag, from }): Line =>
      from === undefined ? ['tag', tag] : ['move', `${tag} from ${from}`],
    ),
  ];
}

/** In one registry a blob need not travel from one repository to the other. */
function mounting({ environment, plugin }: EnvironmentStep): { readonly mountFrom?: string } {
  const staging = environment.registry('staging');
  const destination = environment.registry('public');
  const isOneRegistry =
    staging.kind === 'remote' && destination.kind === 'remote' && staging.host === destination.host;
  return isOneRegistry ? { mountFrom: imageRepository(staging, plugin).repository } : {};
}

async function staged({ selection, host }: EnvironmentStep, { repository }: Place) {
  const { signal } = host;
  const image = await repository.manifests.resolve(selection.version, { signal });
  return image && { image, from: repository };
}

/** In a dry run of the whole chain the version has not been staged: plan with what would have been. */
async function wouldBeStaged(step: EnvironmentStep, staging: Place) {
  const isStagedBefore = isRunBefore(step, 'push-staging');
  if (!step.dryRun || !step.selection.isTree || !isStagedBefore) throw notStaged(step, staging);
  const { index, complete } = await openTreeImage(step);
  return { image: index, from: await complete() };
}

function notStaged(
  { project, selection, environment, plugin }: EnvironmentStep,
  staging: Place,
): StepError {
  const reference = staging.reference({ tag: selection.version });
  const command = `\`npx nx run ${project}:push-staging:${environment.name}\``;
  const act = selection.isTree
    ? `run ${command} first`
    : `check out ${selection.releaseTag} (the working tree is ${plugin.version}) and run ${command} there first`;
  return new StepError('not-staged', `${reference} is not staged; ${act}`);
}

function otherBytes(
  { selection }: EnvironmentStep,
  publicPlace: Place,
  digests: { readonly existing: Descriptor; readonly image: Descriptor },
): StepError {
  const reference = publicPlace.reference({ tag: selection.version });
  return new StepError(
    'digest-differs',
    `${reference} is public as ${digests.existing.digest}, and ${digests.image.digest} is staged; a public version never changes its bytes: release the staged ones as another version`,
  );
}
