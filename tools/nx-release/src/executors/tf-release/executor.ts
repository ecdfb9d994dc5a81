import type { ExecutorContext } from '@nx/devkit';

import { openStores } from '../../environment/stores.js';
import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { showPolicy } from '../../step/show.js';
import { openProviderStep } from '../../step/step.js';
import { publishVersion } from '../../terraform/publish.js';
import type { PublishOptions } from '../../terraform/stage.js';
import { planRelease } from './plan.js';

/**
 * Publishes a staged version in the Terraform registry of production: the same zips, under a signature of
 * production's key. That they hold what the archives of the release tag hold is proven first.
 */
export default function tfRelease(
  options: PublishOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openProviderStep(options, context, host);
    const needs = { artifacts: 'read', staging: 'read', production: 'change' } as const;
    const stores = await openStores(step, needs);
    if (options.printPolicy === true) return showPolicy(host, stores);

    const plan = await planRelease(step, options, stores.at);
    return publishVersion(step, 'production', plan, stores);
  });
}
