import { parseVersion, type ProviderRelease } from '@teleport-plugins/terraform-registry';

import type { ProviderStep } from '../step/step.js';

/** The release that a step is about, in the words of packages/terraform-registry. */
export function releaseOf({ plugin, selection }: ProviderStep): ProviderRelease {
  return {
    type: plugin.provider.type,
    version: parseVersion(selection.version, selection.releaseTag),
  };
}
