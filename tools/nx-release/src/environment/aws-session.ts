import {
  assumedRole,
  awsEndpoints,
  openAws,
  variableIn,
  type Aws,
  type AwsCredentials,
  type AwsSession,
  type EcrRegistry,
  type PolicyDocument,
} from '@teleport-plugins/auth';
import type { Environment, RegistryAccess } from '@teleport-plugins/release';
import { Secret } from '@teleport-plugins/secrets';

import type { Host } from '../host.js';
import { proxyOf } from './proxy.js';

/** Who wants to act in AWS. */
export interface Actor {
  readonly environment: Environment;
  readonly host: Host;
  /** Of the multi-factor device that the role or the profile asks for. */
  readonly mfaCode?: string | number | undefined;
}

export interface SessionWish {
  /** Which of the environment's roles. */
  readonly access: RegistryAccess;
  readonly registries?: readonly EcrRegistry[];
  /** What the session may do; everything that the role may, when it is absent. */
  readonly policy?: PolicyDocument;
}

/**
 * A session in the environment's AWS account, until the step ends. It begins when it is used first: then its
 * notes are shown. Makes no request itself.
 */
export function awsSession(
  actor: Actor,
  { access, registries = [], policy }: SessionWish,
): AwsSession {
  const { environment, host } = actor;
  const mfaCode = codeOf(actor);
  const [region = 'us-east-1'] = registries.flatMap((each) =>
    each.kind === 'private' ? [each.region] : [],
  );
  const aws = open(actor, region);
  const settings = environment.aws();
  const { env: variables, user } = host;
  const role = settings?.role(access);
  const mfaSerial = variableIn(variables, 'RELEASE_MFA_SERIAL');
  const assumed = role && assumedRole({ ...role, mfaSerial }, { variables, user }, mfaCode);
  const session = aws.session({
    account: settings?.account,
    role: assumed,
    policy: assumed && policy,
  });
  return notesShown(session, host);
}

/**
 * The credentials that are found on this machine, for an environment without an AWS account: what they are for
 * may be a server that is not AWS's, so AWS is not asked for anything.
 */
export function foundCredentials(actor: Actor): () => Promise<AwsCredentials> {
  const aws = open(actor, 'us-east-1');
  return () => aws.credentials();
}

function open(actor: Actor, region: string): Aws {
  const { host } = actor;
  const { env } = host;
  const aws = openAws({
    variables: env,
    user: host.user,
    endpoints: awsEndpoints(env),
    proxy: proxyOf(env),
    region,
    mfaCode: codeOf(actor),
    now: () => host.now(),
  });
  host.atEnd(() => aws.close());
  return aws;
}

function codeOf({ host, mfaCode }: Actor): Secret | undefined {
  const code = mfaCode ?? host.env.RELEASE_MFA_CODE ?? '';
  return code === '' ? undefined : new Secret(String(code));
}

/** The same session, which says what people should know of it when it begins. */
function notesShown(session: AwsSession, host: Host): AwsSession {
  let isBegun = false;
  const identity: AwsSession['identity'] = async (signal) => {
    const found = await session.identity(signal);
    if (!isBegun) for (const note of found.notes) host.print(`  note  ${note}`);
    isBegun = true;
    return found;
  };
  return {
    ...session,
    identity,
    async perform(deed, work, signal) {
      await identity(signal);
      return session.perform(deed, work, signal);
    },
  };
}
