import { join } from 'node:path';

import type { ExecutorContext } from '@nx/devkit';
import { createLayout } from '@teleport-plugins/oci';

import { temporaryFolder } from '../../environment/temporary-folder.js';
import { processHost } from '../../host.js';
import { assembleImage } from '../../image/assemble.js';
import { storeImage } from '../../image/stored-image.js';
import { duration } from '../../step/amounts.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { nothingToBuild, openEnvironmentStep, type StepOptions } from '../../step/step.js';
import { describeBuilt, describeImage, planImage } from './plan.js';

/** Builds the image of a plugin into `dist/image`, an OCI image layout, and `dist/image.json`. */
export default function buildImage(
  options: StepOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openEnvironmentStep(options, context, host);
    const nothing = nothingToBuild(step);
    if (nothing !== undefined) return nothing;

    const parts = await planImage(step);
    showPlan(host, `${step.project} ${step.plugin.version}: image`, describeImage(parts));
    if (step.dryRun) {
      const aside = await createLayout(join(await temporaryFolder(host), 'image'));
      return `dry run: would be ${describeBuilt(await assembleImage(step, parts, aside))}`;
    }

    const built = await storeImage(step, parts);
    return `${describeBuilt(built)}, in ${duration(step.startedAt, host.now())}`;
  });
}
