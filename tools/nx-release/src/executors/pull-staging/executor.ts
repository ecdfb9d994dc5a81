import type { ExecutorContext } from '@nx/devkit';

import { openPlace } from '../../environment/registries.js';
import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { openEnvironmentStep } from '../../step/step.js';
import { pullIntoEngine } from './into-engine.js';
import { pullIntoLayout } from './into-layout.js';
import { destinationOf, type PullOptions } from './plan.js';

/** Reads a staged version into the local Docker or Podman, or into an image layout. */
export default function pullStaging(
  options: PullOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openEnvironmentStep(options, context, host);
    const destination = destinationOf(step, options);
    const staging = await openPlace(step, 'staging', 'read');
    return destination.kind === 'engine'
      ? pullIntoEngine(step, staging, destination)
      : pullIntoLayout(step, staging, destination);
  });
}
