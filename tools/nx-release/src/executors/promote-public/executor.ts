import type { ExecutorContext } from '@nx/devkit';
import type { Descriptor } from '@teleport-plugins/oci';
import { copyGraph, tagOnce, verifyCopied } from '@teleport-plugins/registry';
import type { ImageReceipt } from '@teleport-plugins/release';

import type { Place } from '../../environment/place.js';
import { openPlaces } from '../../environment/places.js';
import { processHost } from '../../host.js';
import { describeCopied } from '../../step/describe-copy.js';
import { copyProgress } from '../../step/progress.js';
import { refuseUnprotected } from '../../step/protection.js';
import { noteDone, openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openEnvironmentStep, type StepOptions } from '../../step/step.js';
import { placeFloatingTags, type PlacedTag } from './floating.js';
import { describePromotion, planPromotion } from './plan.js';

/**
 * Copies the staged digest of a version to the public registry, reads it again there, then tags it.
 * Builds nothing, and takes the digest from the staging registry only.
 */
export default function promotePublic(
  options: StepOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openEnvironmentStep(options, context, host);
    const { signal } = host;
    const { version } = step.selection;
    const places = await openPlaces(step, { staging: 'read', public: 'write' });
    const { staging, public: destination } = places.at;
    if (options.printPolicy === true) return showPolicy(host, places);

    const promotion = await planPromotion(step, staging, destination);
    const { image, from, copy, floating } = promotion;
    const reference = destination.reference({ tag: version, digest: image.digest });
    if (copy === undefined && floating.length === 0) {
      const images = imagesOf(destination, image, [
        { tag: version, digest: image.digest, result: 'already' },
      ]);
      await noteDone(step, { images, places });
      return `already public: ${reference}`;
    }

    const title = `${step.project} ${version} from ${staging.reference()} to ${destination.reference()}`;
    showPlan(host, title, describePromotion(step, promotion));
    const allowed = await refuseUnprotected(step, image, from);
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt(step);
    const to = await destination.forWriting();
    const onEvent = copyProgress(host);
    const copied = copy && (await copyGraph(from, to, image, { plan: copy, onEvent, signal }));
    await verifyCopied(to, image, { signal });
    const result = await tagOnce(to, image, version, { signal });
    const placed = await placeFloatingTags(to, image, step, { signal });

    const images = imagesOf(destination, image, [
      { tag: version, digest: image.digest, result },
      ...placed,
    ]);
    await receipt.write({ images, copied, allowed, places });
    const how = copied === undefined ? 'was public already' : describeCopied(copied);
    return `public: ${reference} (${how})`;
  });
}

/** For the receipt: the promoted image, and those of higher versions that its floating tags went to. */
function imagesOf(
  destination: Place,
  image: Descriptor,
  placed: readonly PlacedTag[],
): readonly ImageReceipt[] {
  const digests = new Set([image.digest, ...placed.map(({ digest }) => digest)]);
  return [...digests].map((digest) => ({
    repository: destination.reference(),
    digest,
    tags: placed
      .filter((each) => each.digest === digest)
      .map(({ tag, result }) => ({ tag, result })),
  }));
}
