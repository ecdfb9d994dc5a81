import type { ExecutorContext } from '@nx/devkit';
import { loadPlugin, type Selection, type TerraformRole } from '@teleport-plugins/release';
import type { Registry } from '@teleport-plugins/terraform-registry';

import type { StoreAccess, StoreRole } from '../environment/store-place.js';
import { openStores, type StoreNeeds, type Stores } from '../environment/stores.js';
import { StepError } from '../error.js';
import type { Host } from '../host.js';
import { openProviderStep, type ProviderStep, type StepOptions } from '../step/step.js';
import { registryOf } from './registries.js';

/** What can be said to the targets that look after a Terraform registry. */
export interface RegistryOptions extends Pick<
  StepOptions,
  'environment' | 'version' | 'tag' | 'dryRun' | 'printPolicy' | 'mfaCode'
> {
  /** Which of the environment's two. */
  readonly registry?: TerraformRole;
  /** The Nx project of the provider. Default: the only one. */
  readonly provider?: string;
}

/** A step about a provider in a Terraform registry, in all of its versions or in one. */
export interface RegistryStep extends ProviderStep {
  /** The version that the options name; `undefined` where they name none. */
  readonly named: Selection | undefined;
}

/**
 * Reads what the step is about. Throws what `openProviderStep` throws, and StepError `option-invalid` when
 * the options do not say which provider.
 */
export async function openRegistryStep(
  options: RegistryOptions,
  context: ExecutorContext,
  host: Host,
): Promise<RegistryStep> {
  const projectName = await providerProject(options, context);
  const step = await openProviderStep(options, { ...context, projectName }, host);
  const isNamed = options.version !== undefined || options.tag !== undefined;
  return {
    ...step,
    project: context.projectName ?? projectName,
    named: isNamed ? step.selection : undefined,
  };
}

/** A registry, and what it is opened through. */
export interface OpenedRegistry {
  readonly role: TerraformRole;
  readonly registry: Registry;
  readonly stores: Stores;
}

/**
 * The registry that the options name. `reads` is another store that the step reads from, among the same. Throws
 * StepError `option-invalid`.
 */
export async function openNamedRegistry(
  step: RegistryStep,
  { registry: role }: RegistryOptions,
  access: StoreAccess,
  reads?: StoreRole,
): Promise<OpenedRegistry> {
  if (role === undefined) {
    throw new StepError(
      'option-invalid',
      'say which Terraform registry: --registry staging, or --registry production',
    );
  }
  const needs = { ...(reads && { [reads]: 'read' }), [role]: access };
  const stores = await openStores(step, needs as StoreNeeds);
  return { role, registry: registryOf(step, role, stores.at[role]), stores };
}

async function providerProject(
  { provider }: RegistryOptions,
  context: ExecutorContext,
): Promise<string> {
  const projects = Object.entries(context.projectsConfigurations.projects);
  const kinds = await Promise.all(
    projects.map(async ([name, { root }]) => {
      const plugin = await loadPlugin(context.root, root).catch(() => undefined);
      return plugin?.kind === 'terraform-provider' ? [name] : [];
    }),
  );
  const names = kinds.flat();
  // One that is broken is not in the list: opening it says why.
  if (provider !== undefined && (names.includes(provider) || names.length === 0)) return provider;
  const [only] = names;
  if (provider === undefined && only !== undefined && names.length === 1) return only;
  const known = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  throw new StepError(
    'option-invalid',
    `say which provider with --provider: ${known} in this workspace`,
  );
}
