import type { ExecutorContext } from '@nx/devkit';
import { dockerArchive } from '@teleport-plugins/image';

import { processHost } from '../../host.js';
import { feed } from '../../programs.js';
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
    const { engine, image, from, platform, name } = load;
    showPlan(host, `${step.project} ${step.plugin.version}: load`, describeLoad(load));
    if (step.dryRun) return dryRunDone;

    const archive = dockerArchive(from, image, platform, name, { signal });
    await feed(archive, step.run`${engine.name} load`);
    return `loaded; try it with: ${engine.name} run --rm ${name} --version`;
  });
}
