import type { StoreEndpoint, TerraformRole } from '@teleport-plugins/release';

/** The stores of an environment: of archives, and of its two Terraform registries. */
export type StoreRole = 'artifacts' | TerraformRole;

/** What a step does in a store; `change` is to write documents that others write too. */
export type StoreAccess = 'read' | 'write' | 'change';

/** A store that a step goes to. */
export interface StorePlace {
  readonly role: StoreRole;
  readonly access: StoreAccess;
  readonly endpoint: StoreEndpoint;
}
