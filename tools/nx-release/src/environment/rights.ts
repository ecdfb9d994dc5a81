import {
  repositoryArn,
  sessionPolicy,
  type EcrRegistry,
  type PolicyDocument,
  type PolicyNeeds,
} from '@teleport-plugins/auth';
import { imageRepository, type RegistryAccess, type RegistryRole } from '@teleport-plugins/release';

import type { EnvironmentStep } from '../step/step.js';

/** The registries that a step goes to, and what it does there. */
export type Needs = Readonly<Partial<Record<RegistryRole, RegistryAccess>>>;

/** A registry of Amazon's that a step goes to. */
export interface AmazonPlace {
  readonly role: RegistryRole;
  readonly registry: EcrRegistry;
  readonly access: RegistryAccess;
}

/**
 * What a step may do in AWS: what it needs at its plugin's own repositories, and nothing else. A dry run
 * only reads, and could not write.
 */
export function rightsOf(step: EnvironmentStep, places: readonly AmazonPlace[]): PolicyDocument {
  const { environment, plugin, options } = step;
  // --print-policy alone shows what the real step may do.
  const readsOnly = options.printPolicy === true ? options.dryRun === true : step.dryRun;
  const settings = environment.aws();
  const account = settings?.account ?? '';
  const creates = settings?.repositories().create === true;
  const needs: Readonly<Record<Exclude<keyof PolicyNeeds, `${string}Objects`>, string[]>> = {
    pull: [],
    push: [],
    describe: [],
    create: [],
    keys: [],
  };
  for (const { role, registry, access } of places) {
    const { repository } = imageRepository(environment.registry(role), plugin);
    const arn = repositoryArn(registry, repository, account);
    const writes = access === 'write' && !readsOnly;
    needs[writes ? 'push' : 'pull'].push(arn);
    if (access === 'write' && creates) needs.describe.push(arn);
    if (!writes || !creates) continue;
    needs.create.push(arn);
    const { encryption } = settings.repositories();
    if (registry.kind === 'private' && encryption !== 'AES256') {
      const { partition, region } = registry;
      // AWS's own key for ECR has another id in each account.
      const own = `arn:${partition}:kms:${region}:${registry.account}:key/*`;
      needs.keys.push(encryption === 'KMS' ? own : encryption);
    }
  }
  return sessionPolicy(needs);
}
