import { AuthError } from '../error.js';
import { keeping } from '../kept.js';
import { parsePrincipal } from './arn.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { keptFor } from './lifetime.js';
import { assumptionOf, grantFor } from './role.js';
import type { AssumedRole, AwsIdentity, AwsSession, AwsSessionOptions } from './session.js';
import type { CallerIdentity, Sts } from './sts.js';

/** Whose credentials were found. */
interface Caller {
  readonly credentials: AwsCredentials;
  readonly identity: CallerIdentity;
}

export interface Surroundings {
  readonly caller: (signal: AbortSignal) => Promise<Caller>;
  readonly sts: Sts;
  readonly connection: Connection;
  readonly profile: string | undefined;
  readonly secrets: Set<string>;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

export function openSession(options: AwsSessionOptions, surroundings: Surroundings): AwsSession {
  const { role, policy, account } = options;
  const { caller, sts, connection, profile, secrets, now } = surroundings;
  const kept = keeping<Acting>({
    keepFor: ({ credentials }) => keptFor(credentials.expiration, now()),
    now,
  });

  const assume = async (by: Caller, wanted: AssumedRole, signal: AbortSignal): Promise<Acting> => {
    const { arn } = by.identity;
    const { input, notes } = assumptionOf(wanted, policy, arn);
    if (wanted.mfa) secrets.add(wanted.mfa.code.reveal());
    try {
      const { credentials, identity } = await sts.assumeRole(by.credentials, input, { signal });
      secrets.add(credentials.secretAccessKey).add(credentials.sessionToken ?? '');
      return { credentials, identity: { ...identity, caller: arn, role: wanted.arn, notes } };
    } catch (error) {
      signal.throwIfAborted();
      const deed = { action: 'sts:AssumeRole', resource: wanted.arn, caller: arn };
      throw awsFailure(error, { ...deed, profile, grant: grantFor(wanted) }, secrets);
    }
  };

  const begin = async (signal: AbortSignal): Promise<Acting> => {
    if (role) refuseOther(account, parsePrincipal(role.arn)?.account, `the role ${role.arn}`);
    const by = await caller(signal);
    refuseOther(account, by.identity.account, by.identity.arn);
    if (role && !isSessionOf(role.arn, by.identity.arn)) return assume(by, role, signal);
    const notes =
      role && policy
        ? [`${by.identity.arn} is a session of the role already: it keeps all its rights`]
        : [];
    const identity = { ...by.identity, caller: by.identity.arn, role: role?.arn, notes };
    return { credentials: by.credentials, identity };
  };

  const acting = (signal?: AbortSignal) => kept.get('', begin, { signal });
  const identity = async (signal?: AbortSignal): Promise<AwsIdentity> => {
    const { credentials, identity: found } = await acting(signal);
    return { ...found, expiresAt: credentials.expiration };
  };

  return {
    credentials: async () => (await acting()).credentials,
    identity,
    settings: (service) => connection.settings(service),
    async perform(deed, work, signal) {
      const { arn } = await identity(signal);
      try {
        return await work();
      } catch (error) {
        signal?.throwIfAborted();
        throw awsFailure(error, { ...deed, caller: arn, profile }, secrets);
      }
    },
    async key(signal) {
      const { caller: by } = await identity(signal);
      const { arn, externalId, sourceIdentity, tags } = role ?? {};
      return JSON.stringify([by, arn, externalId, sourceIdentity, tags, policy]);
    },
  };
}

interface Acting {
  readonly credentials: AwsCredentials;
  readonly identity: Omit<AwsIdentity, 'expiresAt'>;
}

function refuseOther(wanted: string | undefined, found: string | undefined, who: string): void {
  if (wanted === undefined || wanted === found) return;
  throw new AuthError(
    'account-wrong',
    `${who} is in the account ${found ?? '(unknown)'}, the environment's is ${wanted}; use credentials of that account (AWS_PROFILE)`,
  );
}

/** After `aws sts assume-role` by hand, or where CI gets into the role directly. */
function isSessionOf(role: string, caller: string): boolean {
  const [wanted, found] = [parsePrincipal(role), parsePrincipal(caller)];
  if (wanted?.role === undefined || !found?.isSession) return false;
  return wanted.role === found.role && wanted.account === found.account;
}
