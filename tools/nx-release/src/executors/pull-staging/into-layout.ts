import { createLayout, previewLayout, type Descriptor } from '@teleport-plugins/oci';
import {
  copyGraph,
  planCopy,
  tagOnce,
  verifyCopied,
  type CopyPlan,
} from '@teleport-plugins/registry';

import type { Place } from '../../environment/place.js';
import type { Places } from '../../environment/places.js';
import { StepError } from '../../error.js';
import { describeCopied, describeCopy } from '../../step/describe-copy.js';
import { copyProgress } from '../../step/progress.js';
import { noteDone, openReceipt } from '../../step/report.js';
import { dryRunDone, showPlan } from '../../step/show.js';
import type { EnvironmentStep } from '../../step/step.js';
import { stagedImage, type LayoutDestination } from './plan.js';

/** Copies a staged image into an image layout, with all its platforms, and tags the version there. */
export async function pullIntoLayout(
  step: EnvironmentStep,
  places: Places<'staging'>,
  destination: LayoutDestination,
): Promise<string> {
  const { staging } = places.at;
  const { host, project, selection } = step;
  const { version } = selection;
  const { signal } = host;
  const { folder, path } = destination;
  const { image, copy } = await planPull(step, staging, destination);
  const what = `${staging.reference({ tag: version, digest: image.digest })} into ${folder}`;
  const imagesWith = (result: 'tagged' | 'already') => [
    { repository: folder, digest: image.digest, tags: [{ tag: version, result }] },
  ];

  if (copy === undefined) {
    await noteDone(step, { images: imagesWith('already'), places });
    return `already pulled: ${what}`;
  }

  showPlan(host, `${project} ${version} from ${staging.reference()} to ${folder}`, [
    ['image', image.digest],
    ...describeCopy(copy, step.dryRun),
    ['tag', version],
  ]);
  if (step.dryRun) return dryRunDone;

  const receipt = await openReceipt(step);
  const to = await createLayout(path, { signal });
  const onEvent = copyProgress(host);
  const copied = await copyGraph(staging.repository, to, image, { plan: copy, onEvent, signal });
  await verifyCopied(to, image, { signal });
  const result = await tagOnce(to, image, version, { signal });

  await receipt.write({ images: imagesWith(result), copied, allowed: [], places });
  return `pulled ${what} (${describeCopied(copied)})`;
}

interface LayoutPull {
  readonly image: Descriptor;
  /** Absent when the layout has all of it, under the version. */
  readonly copy?: CopyPlan;
}

/** @throws StepError `digest-differs` when the layout has the version with other bytes */
async function planPull(
  step: EnvironmentStep,
  staging: Place,
  { folder, path }: LayoutDestination,
): Promise<LayoutPull> {
  const { version } = step.selection;
  const { signal } = step.host;
  const layout = await previewLayout(path, { signal });
  const image = await stagedImage(step, staging);
  const existing = await layout.manifests.resolve(version, { signal });
  if (existing !== undefined && existing.digest !== image.digest) {
    const reference = staging.reference({ tag: version });
    throw new StepError(
      'digest-differs',
      `${folder} has ${version} as ${existing.digest}, and ${reference} is ${image.digest}; remove the folder, or name another one with --directory`,
    );
  }
  const copy = await planCopy(staging.repository, layout, image, { signal });
  return existing !== undefined && copy.copy.count === 0 ? { image } : { image, copy };
}
