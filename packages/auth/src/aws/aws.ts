import type { Secret } from '@teleport-plugins/secrets';

import { keeping } from '../kept.js';
import { openConnection, type ConnectionOptions } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { keptFor } from './lifetime.js';
import { openSession } from './open-session.js';
import { sessionName } from './session-name.js';
import type { AwsSession, AwsSessionOptions } from './session.js';
import { findCredentials, type Found } from './sources.js';
import { openSts, type CallerIdentity } from './sts.js';
import { userIn, variableIn, type Variables } from './variables.js';

/** An access key that is used instead of whatever would be found. */
export interface AccessKey {
  readonly id: string;
  readonly secret: Secret;
  /** Whose it is, for people, as long as AWS has not said it: the owner of STAGING_AWS_ACCESS_KEY_ID. */
  readonly source: string;
}

export interface AwsOptions extends ConnectionOptions {
  /** The environment of the process, which the SDK looks into itself when it looks for credentials. */
  readonly variables: Variables;
  /** Default: what the SDK finds, in the environment, a profile, or where the machine has it. */
  readonly accessKey?: AccessKey | undefined;
  /** Default: AWS_PROFILE. With an access key there is none. */
  readonly profile?: string | undefined;
  /** Where STS is asked. Default: AWS_REGION, or the region of the profile. */
  readonly region?: string | undefined;
  /** For a profile that needs one. */
  readonly mfaCode?: Secret | undefined;
  /** What to do where a code is needed and there is none, for people. Default: to give one with --mfa-code. */
  readonly mfaAdvice?: string | undefined;
  /** The name of the operating system's user, for sessions of roles that have none. Default: as the variables say. */
  readonly user?: string | undefined;
  /** Default: the system's time. */
  readonly now?: (() => Date) | undefined;
}

/** Who somebody can be in AWS with the credentials there are. */
export interface Aws {
  /** The same session for the same options: one for all who use that role in that way. */
  session(options?: AwsSessionOptions): AwsSession;
  /**
   * The credentials that are found, as they are: AWS is not asked whose they are, because they may be for a
   * server that is not AWS's.
   */
  credentials(): Promise<AwsCredentials>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/**
 * AWS with the credentials that are found when they are first needed. One of these is to be shared by all
 * of a process: it looks for credentials once, asks once whose they are, and assumes a role once.
 *
 * Nothing of the SDK is loaded before that.
 */
export function openAws(options: AwsOptions): Aws {
  const { variables, region, mfaCode, now: date = () => new Date() } = options;
  const { mfaAdvice = 'give one with --mfa-code', user = userIn(variables) } = options;
  const { accessKey } = options;
  const profile =
    accessKey === undefined ? (options.profile ?? variableIn(variables, 'AWS_PROFILE')) : undefined;
  const connection = openConnection(options);
  const sts = openSts({ connection, region, profile });
  const secrets = new Set<string>(mfaCode ? [mfaCode.reveal()] : []);
  const now = () => date().getTime();
  const sessions = new Map<string, AwsSession>();
  const sources = {
    ...{ variables, profile, mfaCode, mfaAdvice, sts, connection, secrets },
    sessionName: variableIn(variables, 'AWS_ROLE_SESSION_NAME') ?? sessionName({ variables, user }),
  };
  const found = keeping<Found>({
    keepFor: ({ credentials }) => keptFor(credentials.expiration, now()),
    now,
  });
  const known = keeping<CallerIdentity>({ keepFor: () => Infinity, now });

  const whose = async ({ credentials, source }: Found, signal: AbortSignal) => {
    try {
      return await sts.callerIdentity(credentials, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw awsFailure(
        error,
        { action: 'sts:GetCallerIdentity', caller: source, profile },
        secrets,
      );
    }
  };
  const find = accessKey
    ? () => Promise.resolve(keyFound(accessKey, secrets))
    : () => findCredentials(sources);
  const caller = async (signal: AbortSignal, stale?: AwsCredentials) => {
    const one = await found.get('', find, {
      signal,
      isStale: ({ credentials }) => credentials === stale,
    });
    const identity = await known.get('', (working) => whose(one, working), { signal });
    return { credentials: one.credentials, identity };
  };

  return {
    session(wanted = {}) {
      // A secret does not write itself; with another code it is another wish.
      const key = JSON.stringify([wanted, wanted.role?.mfa?.code?.reveal()]);
      const session =
        sessions.get(key) ??
        openSession(wanted, { caller, sts, connection, profile, mfaAdvice, secrets, now });
      sessions.set(key, session);
      return session;
    },
    credentials: async () => (await found.get('', find)).credentials,
    close: () => connection.close(),
  };
}

function keyFound({ id, secret, source }: AccessKey, secrets: Set<string>): Found {
  secrets.add(secret.reveal());
  return { credentials: { accessKeyId: id, secretAccessKey: secret.reveal() }, source };
}
