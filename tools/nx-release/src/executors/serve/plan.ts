import {
  ReleaseError,
  type DirectoryEndpoint,
  type EmbeddedRegistry,
  type Environment,
  type RegistryRole,
  type TerraformRole,
} from '@teleport-plugins/release';

import { StepError } from '../../error.js';

export interface ServeOptions {
  readonly environment?: string;
  readonly stagingPort?: number;
  readonly publicPort?: number;
  readonly terraformStagingPort?: number;
  readonly terraformProductionPort?: number;
}

/** What can be served of an environment. */
export interface ServePlan {
  readonly registries: readonly ServedRegistry[];
  readonly terraform: readonly ServedTerraform[];
}

/** A registry of images to serve. */
interface ServedRegistry {
  readonly role: RegistryRole;
  readonly endpoint: EmbeddedRegistry;
  readonly port: number;
}

/** A Terraform registry to serve. */
export interface ServedTerraform {
  readonly role: TerraformRole;
  /** The host in the addresses of its providers. */
  readonly host: string;
  readonly store: DirectoryEndpoint;
  /** Any free one when it is 0. */
  readonly port: number;
}

/** Throws StepError `nothing-to-serve` for an environment whose registries run elsewhere. */
export function planServe(environment: Environment, options: ServeOptions): ServePlan {
  const ports = {
    registries: { staging: options.stagingPort, public: options.publicPort },
    terraform: {
      staging: options.terraformStagingPort,
      production: options.terraformProductionPort,
    },
  };
  const registries = (['staging', 'public'] as const).flatMap((role): ServedRegistry[] => {
    const endpoint = environment.registry(role);
    if (endpoint.kind === 'remote') return [];
    return [{ role, endpoint, port: ports.registries[role] ?? endpoint.port }];
  });
  const terraform = (['staging', 'production'] as const).flatMap((role): ServedTerraform[] => {
    const settings = terraformOf(environment, role);
    if (settings?.store.kind !== 'directory') return [];
    const { host, store, port = 0 } = settings;
    return [{ role, host, store, port: ports.terraform[role] ?? port }];
  });
  if (registries.length + terraform.length > 0) return { registries, terraform };
  throw new StepError(
    'nothing-to-serve',
    `the registries of ${environment.name} run elsewhere: only embedded ones, and Terraform registries in folders, can be served`,
  );
}

/** One whose store needs a variable that is not set is in a bucket, or would be: it is not served. */
function terraformOf(environment: Environment, role: TerraformRole) {
  try {
    return environment.terraform(role);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'variable-missing') return undefined;
    throw error;
  }
}
