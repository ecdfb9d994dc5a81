import type { ExecutorContext } from '@nx/devkit';
import { copyGraph, tagOnce } from '@teleport-plugins/registry';

import { openPlaces } from '../../environment/places.js';
import { processHost } from '../../host.js';
import { describeCopied } from '../../step/describe-copy.js';
import { copyProgress } from '../../step/progress.js';
import { refuseUnprotected } from '../../step/protection.js';
import { noteDone, openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openEnvironmentStep, type StepOptions } from '../../step/step.js';
import { describePush, planPush } from './plan.js';

/** Pushes the image of a plugin to the staging registry by its digest, then tags the version. */
export default function pushStaging(
  options: StepOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openEnvironmentStep(options, context, host);
    const { signal } = host;
    const { version } = step.selection;
    const places = await openPlaces(step, { staging: 'write' });
    const { staging } = places.at;
    if (options.printPolicy === true) return showPolicy(host, places);

    const { image, work } = await planPush(step, staging);
    const reference = staging.reference({ tag: version, digest: image.digest });
    const done = { repository: staging.reference(), digest: image.digest };

    if (work === undefined) {
      const images = [{ ...done, tags: [{ tag: version, result: 'already' as const }] }];
      await noteDone(step, { images, places });
      return `already staged: ${reference}`;
    }

    const { from, copy, preparation } = work;
    showPlan(host, `${step.project} ${version} to ${staging.reference()}`, [
      ...preparation,
      ...describePush(step, image, copy),
    ]);
    const allowed = await refuseUnprotected(step, image, from, { builtHere: true });
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt(step);
    const to = await staging.forWriting();
    const onEvent = copyProgress(host);
    const copied = await copyGraph(from, to, image, { plan: copy, onEvent, signal });
    const result = await tagOnce(to, image, version, { signal });

    const images = [{ ...done, tags: [{ tag: version, result }] }];
    await receipt.write({ images, copied, allowed, places });
    return `staged ${reference} (${describeCopied(copied)})`;
  });
}
