import { directoryStore, overlaid, type ObjectStore } from '@teleport-plugins/object-store';
import {
  applyPublish,
  planPromotion,
  TerraformRegistryError,
  type PublishPlan,
  type ReleaseArchives,
} from '@teleport-plugins/terraform-registry';

import type { Stores } from '../../environment/stores.js';
import { temporaryFolder } from '../../environment/temporary-folder.js';
import { StepError } from '../../error.js';
import { isRunBefore, type ProviderStep } from '../../step/step.js';
import { archivesToPublish } from '../../terraform/archives.js';
import { registryOf, sourceAddress } from '../../terraform/registries.js';
import { openSigner } from '../../terraform/signer.js';
import { planStage, type PublishOptions } from '../../terraform/stage.js';

/**
 * Compares what is staged with the archives of the release tag, and with what production has. Reads only.
 *
 * @throws StepError `not-staged`, and what `planPromotion` throws
 */
export async function planRelease(
  step: ProviderStep,
  options: PublishOptions,
  stores: Stores['at'],
): Promise<PublishPlan> {
  const { addPlatforms = false } = options;
  const { host } = step;
  const archives = await archivesToPublish(step, options, stores.artifacts);
  const staging = await stagingBefore(step, options, { archives, staging: stores.staging });
  const request = {
    archives,
    signer: await openSigner(step, 'production'),
    at: host.now(),
    addPlatforms,
    signal: host.signal,
  };
  try {
    return await planPromotion(
      registryOf(step, 'staging', staging),
      registryOf(step, 'production', stores.production),
      request,
    );
  } catch (error) {
    const isMissing = error instanceof TerraformRegistryError && error.code === 'not-found';
    throw isMissing ? notStaged(step, stores.staging, error) : error;
  }
}

/** In a dry run of the whole chain nothing has been staged: staging as it would be then. */
async function stagingBefore(
  step: ProviderStep,
  options: PublishOptions,
  stage: { readonly archives: ReleaseArchives; readonly staging: ObjectStore },
): Promise<ObjectStore> {
  const { dryRun, host } = step;
  if (!dryRun || !isRunBefore(step, 'tf-stage')) return stage.staging;
  const staging = overlaid(stage.staging, directoryStore(await temporaryFolder(host)));
  const plan = await planStage(step, options, { ...stage, staging });
  await applyPublish(plan, { at: host.now(), signal: host.signal });
  return staging;
}

function notStaged(step: ProviderStep, staging: ObjectStore, cause: unknown): StepError {
  const { project, selection, environment } = step;
  const tag = selection.isTree ? '' : ` --tag ${selection.releaseTag}`;
  return new StepError(
    'not-staged',
    `${sourceAddress(step, 'staging')} ${selection.version} is not staged in ${staging.name}; run \`npx nx run ${project}:tf-stage:${environment.name}${tag}\` first`,
    { cause },
  );
}
