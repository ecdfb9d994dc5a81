import {
  assumedRole,
  awsEndpoints,
  openAws,
  variableIn,
  type AccessKey,
  type Aws,
  type AwsCredentials,
  type AwsSession,
  type EcrRegistry,
  type PolicyDocument,
} from '@teleport-plugins/auth';
import type {
  AccessKeySettings,
  Environment,
  RegistryAccess,
  RoleSettings,
} from '@teleport-plugins/release';
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
  /** The key of the place that it is for, which takes the place of the caller and of the environment's roles. */
  readonly key?: AccessKeySettings | undefined;
}

/**
 * A session in the environment's AWS account, until the step ends. It begins when it is used first: then its
 * notes are shown. Makes no request itself.
 */
export function awsSession(actor: Actor, wish: SessionWish): AwsSession {
  const { registries = [], policy, key } = wish;
  const { environment, host } = actor;
  const mfaCode = codeOf(actor);
  const [region = 'us-east-1'] = registries.flatMap((each) =>
    each.kind === 'private' ? [each.region] : [],
  );
  const aws = open(actor, region, key);
  const { env: variables, user } = host;
  const role = roleOf(environment, wish);
  const mfaSerial = variableIn(variables, 'RELEASE_MFA_SERIAL');
  const assumed = role && assumedRole({ ...role, mfaSerial }, { variables, user }, mfaCode);
  const session = aws.session({
    account: environment.aws()?.account,
    role: assumed,
    policy: assumed && policy,
  });
  return introduced(session, host);
}

/** The role that a session is to be of; without one it is of the caller. Throws what `AwsSettings` throws. */
export function roleOf(
  environment: Environment,
  { access, key }: Pick<SessionWish, 'access' | 'key'>,
): RoleSettings | undefined {
  return key === undefined ? environment.aws()?.role(access) : key.role;
}

/**
 * The credentials that are found on this machine, for an environment without an AWS account: what they are for
 * may be a server that is not AWS's, so AWS is not asked for anything.
 */
export function foundCredentials(actor: Actor): () => Promise<AwsCredentials> {
  const aws = open(actor, 'us-east-1');
  return () => announced(aws.credentials(), actor.host);
}

function open(actor: Actor, region: string, key?: AccessKeySettings): Aws {
  const { host } = actor;
  const { env } = host;
  const aws = openAws({
    variables: env,
    accessKey: key && accessKeyIn(env, key),
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

function accessKeyIn(env: Host['env'], key: AccessKeySettings): AccessKey {
  const { idVariable, secretVariable } = key;
  return {
    id: env[idVariable] ?? '',
    secret: new Secret(env[secretVariable] ?? ''),
    source: `the owner of ${idVariable}`,
  };
}

function codeOf({ host, mfaCode }: Actor): Secret | undefined {
  const code = mfaCode ?? host.env.RELEASE_MFA_CODE ?? '';
  return code === '' ? undefined : new Secret(String(code));
}

/**
 * The same session, which says what people should know of it when it begins, and whose credentials are known as
 * secrets before anything is done with them.
 */
function introduced(session: AwsSession, host: Host): AwsSession {
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
    credentials: () => announced(session.credentials(), host),
    async perform(deed, work, signal) {
      await identity(signal);
      return session.perform(deed, work, signal);
    },
  };
}

async function announced(found: Promise<AwsCredentials>, host: Host): Promise<AwsCredentials> {
  const credentials = await found;
  const { secretAccessKey, sessionToken } = credentials;
  const secrets = [secretAccessKey, sessionToken ?? ''].filter((text) => text !== '');
  await host.announce(secrets.map((text) => new Secret(text)));
  return credentials;
}
