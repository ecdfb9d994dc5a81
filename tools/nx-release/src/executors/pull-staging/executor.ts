import type { ExecutorContext } from '@nx/devkit';

import { openPlaces } from '../../environment/places.js';
import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { showPolicy } from '../../step/show.js';
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
    const places = await openPlaces(step, { staging: 'read' });
    if (options.printPolicy === true) return showPolicy(host, places);
    return destination.kind === 'engine'
      ? pullIntoEngine(step, places.at.staging, destination)
      : pullIntoLayout(step, places, destination);
  });
}
