import type { ObjectStore } from '@teleport-plugins/object-store';
import {
  planPublish,
  type PublishPlan,
  type ReleaseArchives,
} from '@teleport-plugins/terraform-registry';

import type { ArchivesOptions } from '../archives/programs.js';
import { temporaryFolder } from '../environment/temporary-folder.js';
import type { ProviderStep } from '../step/step.js';
import { protocolsOf } from './protocols.js';
import { registryOf } from './registries.js';
import { openSigner } from './signer.js';

export interface PublishOptions extends ArchivesOptions {
  /** Add platforms to a version that is published without them. */
  readonly addPlatforms?: boolean;
}

/** What publishing the archives in staging will write. Reads only. Throws what `planPublish` throws. */
export async function planStage(
  step: ProviderStep,
  { addPlatforms = false }: PublishOptions,
  { archives, staging }: { readonly archives: ReleaseArchives; readonly staging: ObjectStore },
): Promise<PublishPlan> {
  return planPublish(registryOf(step, 'staging', staging), {
    archives,
    signer: await openSigner(step, 'staging'),
    protocols: await protocolsOf(step),
    scratchDirectory: await temporaryFolder(step.host),
    addPlatforms,
    signal: step.host.signal,
  });
}
