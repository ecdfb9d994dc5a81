import type { ObjectStore } from '@teleport-plugins/object-store';
import type { TerraformRegistrySettings, TerraformRole } from '@teleport-plugins/release';
import type { Registry } from '@teleport-plugins/terraform-registry';

import { undeclared } from '../environment/stores.js';
import type { ProviderStep } from '../step/step.js';

/** Throws StepError `store-undeclared`. */
export function settingsOf(
  { environment }: ProviderStep,
  role: TerraformRole,
): TerraformRegistrySettings {
  const settings = environment.terraform(role);
  if (settings === undefined) throw undeclared(environment, role);
  return settings;
}

/** A Terraform registry of the environment over its store, and the provider in it that the step is about. */
export function registryOf(step: ProviderStep, role: TerraformRole, store: ObjectStore): Registry {
  const { namespace, type } = step.plugin.provider;
  return { store, address: { namespace, type }, mirrorHosts: [settingsOf(step, role).host] };
}

/** `host/namespace/type`, as Terraform's configurations name it. */
export function sourceAddress(step: ProviderStep, role: TerraformRole): string {
  const { namespace, type } = step.plugin.provider;
  return `${settingsOf(step, role).host}/${namespace}/${type}`;
}
