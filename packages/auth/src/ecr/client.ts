import type { ECRClient } from '@aws-sdk/client-ecr';
import type { ECRPUBLICClient } from '@aws-sdk/client-ecr-public';

import type { AwsSession } from '../aws/session.js';
import type { EcrRegistry } from './hostname.js';

export type PrivateRegistry = Extract<EcrRegistry, { kind: 'private' }>;

/** In the registry's region, over the kind of endpoint that its host belongs to. */
export async function privateClient(
  session: AwsSession,
  { region, fips, dualStack }: PrivateRegistry,
): Promise<ECRClient> {
  const sdk = await import('@aws-sdk/client-ecr');
  const settings = await session.settings('ecr');
  const { credentials } = session;
  // The SDK refuses both for an endpoint of one's own.
  const isOwn = settings.endpoint !== undefined;
  const kind = { useFipsEndpoint: fips && !isOwn, useDualstackEndpoint: dualStack && !isOwn };
  return new sdk.ECRClient({ ...settings, ...kind, region, credentials });
}

/** In the one region and over the one kind of endpoint that ECR Public has, whatever is set. */
export async function publicClient(session: AwsSession): Promise<ECRPUBLICClient> {
  const sdk = await import('@aws-sdk/client-ecr-public');
  const settings = await session.settings('ecrPublic');
  const { credentials } = session;
  const kind = { useFipsEndpoint: false, useDualstackEndpoint: false };
  return new sdk.ECRPUBLICClient({ ...settings, ...kind, region: 'us-east-1', credentials });
}

/** The second argument of a client's `send`. */
export function sending(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
