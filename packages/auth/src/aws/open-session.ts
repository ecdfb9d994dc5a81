import { AuthError } from '../error.js';
import { keeping } from '../kept.js';
import { shown } from '../shown.js';
import { parsePrincipal } from './arn.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { keptFor } from './lifetime.js';
import { mfaNeeded } from './mfa.js';
import { assumptionOf, grantFor } from './role.js';
import type { AssumedRole, AwsIdentity, AwsSession, AwsSessionOptions } from './session.js';
import type { CallerIdentity, Sts } from './sts.js';

/** Whose credentials were found. */
interface Caller {
  readonly credentials: AwsCredentials;
  readonly identity: CallerIdentity;
}

export interface Surroundings {
  /** Anew, when the credentials are those that are stale. */
  readonly caller: (signal: AbortSignal, stale?: AwsCredentials) => Promise<Caller>;
  readonly sts: Sts;
  readonly connection: Connection;
  readonly profile: string | undefined;
  readonly mfaAdvice: string;
  readonly secrets: Set<string>;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

export function openSession(options: AwsSessionOptions, surroundings: Surroundings): AwsSession {
  const { role, policy, account } = options;
  const { caller, sts, connection, profile, mfaAdvice, secrets, now } = surroundings;
  const kept = keeping<Acting>({
    keepFor: ({ credentials }) => keptFor(credentials.expiration, now()),
    now,
  });

  const assume = async (by: Caller, wanted: AssumedRole, signal: AbortSignal): Promise<Acting> => {
    const { arn } = by.identity;
    const { input, notes } = assumptionOf(wanted, policy, arn);
    const { mfa } = wanted;
    if (mfa && !mfa.code) {
      const subject = `sts:AssumeRole on ${wanted.arn} as ${arn}`;
      throw mfaNeeded(subject, mfa.serialNumber, mfaAdvice);
    }
    if (mfa?.code) secrets.add(mfa.code.reveal());
    try {
      const { credentials, identity } = await sts.assumeRole(by.credentials, input, { signal });
      secrets.add(credentials.secretAccessKey).add(credentials.sessionToken ?? '');
      return { by, credentials, identity: { ...identity, caller: arn, role: wanted.arn, notes } };
    } catch (error) {
      signal.throwIfAborted();
      const deed = { action: 'sts:AssumeRole', resource: wanted.arn, caller: arn };
      throw awsFailure(error, { ...deed, profile, grant: grantFor(wanted) }, secrets);
    }
  };

  const begin = async (signal: AbortSignal, stale: Acting | undefined): Promise<Acting> => {
    if (role) refuseOther(account, accountOfRole(role.arn), `the role ${role.arn}`);
    const by = await caller(signal, stale?.by.credentials);
    refuseOther(account, by.identity.account, by.identity.arn);
    if (role && !isSessionOf(role.arn, by.identity.arn)) return assume(by, role, signal);
    const notes =
      role && policy
        ? [`${by.identity.arn} is a session of the role already: it keeps all its rights`]
        : [];
    const identity = { ...by.identity, caller: by.identity.arn, role: role?.arn, notes };
    return { by, credentials: by.credentials, identity };
  };

  const acting = (signal?: AbortSignal, stale?: Acting) =>
    kept.get('', (working) => begin(working, stale), { signal, isStale: (one) => one === stale });
  const identity = async (signal?: AbortSignal): Promise<AwsIdentity> => {
    const { credentials, identity: found } = await acting(signal);
    return { ...found, expiresAt: credentials.expiration };
  };

  return {
    credentials: async () => (await acting()).credentials,
    identity,
    settings: (service) => connection.settings(service),
    async perform(deed, work, signal) {
      const attempt = async (as: Acting) => {
        try {
          return await work();
        } catch (error) {
          signal?.throwIfAborted();
          throw awsFailure(error, { ...deed, caller: as.identity.arn, profile }, secrets);
        }
      };
      const first = await acting(signal);
      try {
        return await attempt(first);
      } catch (error) {
        if (!(error instanceof AuthError) || error.code !== 'credentials-expired') throw error;
        // Before their time: they have been revoked, or a clock is wrong.
        return await attempt(await acting(signal, first));
      }
    },
    async key(signal) {
      // Without assuming the role: what is cached under the key makes that unnecessary.
      const { identity: by } = await caller(signal ?? new AbortController().signal);
      const { arn, externalId, sourceIdentity, tags } = role ?? {};
      return JSON.stringify([by.arn, account, arn, externalId, sourceIdentity, tags, policy]);
    },
  };
}

interface Acting {
  readonly by: Caller;
  readonly credentials: AwsCredentials;
  readonly identity: Omit<AwsIdentity, 'expiresAt'>;
}

function accountOfRole(arn: string): string {
  const { account, role, isSession } = parsePrincipal(arn) ?? {};
  if (account !== undefined && role !== undefined && !isSession) return account;
  throw new AuthError(
    'role-invalid',
    `${shown(arn)} is not the ARN of a role, such as arn:aws:iam::123456789012:role/name; correct it where it is set (release.config.json, RELEASE_WRITE_ROLE, RELEASE_READ_ROLE)`,
  );
}

function refuseOther(wanted: string | undefined, found: string, who: string): void {
  if (wanted === undefined || wanted === found) return;
  throw new AuthError(
    'account-wrong',
    `${who} is in the account ${found}, and the environment's account is ${wanted}; use credentials of that account (AWS_PROFILE)`,
  );
}

/** After `aws sts assume-role` by hand, or where CI gets into the role directly. */
function isSessionOf(role: string, caller: string): boolean {
  const [wanted, found] = [parsePrincipal(role), parsePrincipal(caller)];
  if (wanted?.role === undefined || !found?.isSession) return false;
  return wanted.role === found.role && wanted.account === found.account;
}
