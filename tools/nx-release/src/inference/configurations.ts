import type { TargetConfiguration } from '@nx/devkit';

import type { DeclaredEnvironments } from './environments.js';

/** A named configuration for each environment, so that `-c production` reaches each step of a chain. */
export function configurations(environments: DeclaredEnvironments): Partial<TargetConfiguration> {
  return {
    configurations: Object.fromEntries(
      environments.names.map((environment) => [environment, { environment }]),
    ),
    ...(environments.default !== undefined && { defaultConfiguration: environments.default }),
  };
}
