import type { ExecutorContext } from '@nx/devkit';

import { loadInto } from '../../engine/load.js';
import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan } from '../../step/show.js';
import { openEnvironmentStep } from '../../step/step.js';
import { describeLoad, planLoad, type LoadOptions } from './plan.js';

/** Puts the image of a plugin into the local Docker or Podman. */
export default function loadImage(
  options: LoadOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openEnvironmentStep(options, context, host);
    const { signal } = host;

    const load = await planLoad(step, options);
    const { engine, name } = load;
    showPlan(host, `${step.project} ${step.plugin.version}: load`, describeLoad(load));
    if (step.dryRun) return dryRunDone;

    await loadInto(step.run, engine, load, { signal });
    return `loaded; try it with: ${engine.name} run --rm ${name} --version`;
  });
}
