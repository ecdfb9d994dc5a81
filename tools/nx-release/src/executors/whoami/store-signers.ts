import type { AwsSession } from '@teleport-plugins/auth';
import {
  formatStore,
  ReleaseError,
  type Environment,
  type RegistryAccess,
  type StoreEndpoint,
} from '@teleport-plugins/release';

import { awsSession, type Actor } from '../../environment/aws-session.js';
import type { StoreRole } from '../../environment/store-place.js';
import { actingIn, type Acting } from './acting.js';

/** Who acts at a store of objects. */
export interface StoreSigner extends Partial<Acting> {
  readonly role: 'artifacts' | 'terraform staging' | 'terraform production';
  /** `s3://bucket/prefix`, or the folder; absent where the environment does not say it now. */
  readonly store?: string;
  /** `bucket` (in the environment's account), `machine` (with whatever credentials there are), `directory`, `unset`. */
  readonly kind: 'bucket' | 'machine' | 'directory' | 'unset';
  /** What is not set. */
  readonly problem?: string;
}

const roles = {
  artifacts: 'artifacts',
  staging: 'terraform staging',
  production: 'terraform production',
} as const;

/**
 * One session in AWS for all buckets that have no access key of their own: `shared` is that of the registries, if
 * it is such a one. What is not set is no error, for it is not needed by those who release images.
 */
export async function storeSigners(
  actor: Actor,
  access: RegistryAccess,
  shared?: AwsSession,
): Promise<readonly StoreSigner[]> {
  const { environment, host } = actor;
  const signers: StoreSigner[] = [];
  let common = shared;
  for (const place of ['artifacts', 'staging', 'production'] as const) {
    const role = roles[place];
    const found = endpointOf(environment, place);
    if (found === undefined) continue;
    if ('problem' in found) {
      signers.push({ role, kind: 'unset', ...found });
      continue;
    }
    const store = formatStore(found);
    if (found.kind === 'directory' || environment.aws() === undefined) {
      signers.push({ role, store, kind: found.kind === 'directory' ? 'directory' : 'machine' });
      continue;
    }
    const key = environment.aws()?.accessKey(place);
    const session = key
      ? awsSession(actor, { access, key })
      : (common ??= awsSession(actor, { access }));
    signers.push({ role, store, kind: 'bucket', ...(await actingIn(session, host.signal)) });
  }
  return signers;
}

/** Where a store is; nowhere when the environment has none. */
function endpointOf(
  environment: Environment,
  role: StoreRole,
): StoreEndpoint | { readonly problem: string } | undefined {
  try {
    return role === 'artifacts' ? environment.artifacts() : environment.terraform(role)?.store;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'variable-missing') {
      return { problem: error.message };
    }
    throw error;
  }
}
