import type { ExecutorContext } from '@nx/devkit';

import { openStores } from '../../environment/stores.js';
import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { showPolicy } from '../../step/show.js';
import { openProviderStep } from '../../step/step.js';
import { archivesToPublish } from '../../terraform/archives.js';
import { publishVersion } from '../../terraform/publish.js';
import { planStage, type PublishOptions } from '../../terraform/stage.js';

/** Publishes the archives of a release tag in the Terraform registry for staging. */
export default function tfStage(
  options: PublishOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openProviderStep(options, context, host);
    const stores = await openStores(step, { artifacts: 'read', staging: 'change' });
    if (options.printPolicy === true) return showPolicy(host, stores);

    const archives = await archivesToPublish(step, options, stores.at.artifacts);
    const plan = await planStage(step, options, { archives, staging: stores.at.staging });
    return publishVersion(step, 'staging', plan, stores);
  });
}
