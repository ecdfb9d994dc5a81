import type { ExecutorContext } from '@nx/devkit';

import { storeBundle } from '../../bundle/stored-bundle.js';
import { processHost } from '../../host.js';
import { duration } from '../../step/amounts.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan } from '../../step/show.js';
import { nothingToBuild, openStep, type StepOptions } from '../../step/step.js';
import { describeBuild, planBuild } from './plan.js';

/** Bundles a plugin into one JavaScript file, with the licences of all that is in it. */
export default function build(
  options: StepOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openStep(options, context, host);
    const nothing = nothingToBuild(step);
    if (nothing !== undefined) return nothing;

    const plan = await planBuild(step);
    showPlan(host, `${step.project} ${step.plugin.version}: bundle`, describeBuild(step, plan));
    if (step.dryRun) return dryRunDone;

    await storeBundle(step, plan.bundle);
    return `bundled in ${duration(step.startedAt, host.now())}`;
  });
}
