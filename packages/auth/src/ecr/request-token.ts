import { Secret } from '@teleport-plugins/secrets';

import type { AwsSession } from '../aws/session.js';
import { AuthError } from '../error.js';
import { privateClient, publicClient, sending, type PrivateRegistry } from './client.js';
import { ecrPublicHost, type EcrRegistry } from './hostname.js';

/** What a registry of Amazon's takes as the password of the user `AWS`. */
export interface EcrToken {
  readonly username: string;
  readonly password: Secret;
  readonly expiresAt: Date;
}

/** Asks for a token. Throws AuthError: what the session's `perform` does, or `answer-invalid`. */
export async function requestToken(
  session: AwsSession,
  registry: EcrRegistry,
  signal?: AbortSignal,
): Promise<EcrToken> {
  const isPublic = registry.kind === 'public';
  const action = `${isPublic ? 'ecr-public' : 'ecr'}:GetAuthorizationToken`;
  const resource = isPublic ? ecrPublicHost : `registry ${registry.account} in ${registry.region}`;
  const ask = () =>
    isPublic ? publicToken(session, signal) : privateToken(session, registry, signal);
  const data = await session.perform({ action, resource }, ask, signal);
  return tokenIn(data, `${action} on ${resource}`);
}

interface AuthorizationData {
  /** The base64 of `AWS:` and the password. */
  readonly authorizationToken?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

async function privateToken(
  session: AwsSession,
  registry: PrivateRegistry,
  signal: AbortSignal | undefined,
): Promise<AuthorizationData | undefined> {
  const { GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr');
  const client = await privateClient(session, registry);
  const command = new GetAuthorizationTokenCommand({});
  const { authorizationData } = await client.send(command, sending(signal));
  return authorizationData?.[0];
}

async function publicToken(
  session: AwsSession,
  signal: AbortSignal | undefined,
): Promise<AuthorizationData | undefined> {
  const { GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr-public');
  const client = await publicClient(session);
  const { authorizationData } = await client.send(
    new GetAuthorizationTokenCommand({}),
    sending(signal),
  );
  return authorizationData;
}

function tokenIn(data: AuthorizationData | undefined, where: string): EcrToken {
  const { authorizationToken, expiresAt } = data ?? {};
  if (!authorizationToken) throw invalid(where, 'has no token');
  if (!expiresAt || Number.isNaN(expiresAt.getTime())) {
    throw invalid(where, 'does not say when the token expires');
  }
  const bytes = Buffer.from(authorizationToken, 'base64');
  const unpadded = (text: string) => text.replace(/=+$/, '');
  if (unpadded(bytes.toString('base64')) !== unpadded(authorizationToken)) {
    throw invalid(where, 'has a token that is not base64');
  }
  const pair = bytes.toString();
  // A password may hold colons, a user name none.
  const colon = pair.indexOf(':');
  if (colon < 1 || colon === pair.length - 1) {
    throw invalid(where, 'has a token that is not a user and a password');
  }
  const password = new Secret(pair.slice(colon + 1));
  return { username: pair.slice(0, colon), password, expiresAt };
}

function invalid(where: string, what: string): AuthError {
  return new AuthError(
    'answer-invalid',
    `${where}: the answer ${what}; see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)`,
  );
}
