import {
  awsEndpoints,
  ecrCredentials,
  ecrRepositories,
  openAws,
  sessionName,
  type AssumedRole,
  type AwsSession,
  type EcrRepositories,
  type PolicyDocument,
} from '@teleport-plugins/auth';
import type { CredentialProvider } from '@teleport-plugins/registry';
import type { RegistryRole, RoleSettings } from '@teleport-plugins/release';
import { Secret } from '@teleport-plugins/secrets';

import { StepError } from '../error.js';
import type { EnvironmentStep } from '../step/step.js';
import { amazonRegistry } from './amazon.js';
import { proxyOf } from './proxy.js';
import { rightsOf, type AmazonPlace, type Needs } from './rights.js';

/** How a step signs in to the registries of its environment. */
export interface SignIn {
  /** For a registry of Amazon's; `undefined` for any other. */
  at(role: RegistryRole): AmazonSignIn | undefined;
  /** What the step may do in AWS; `undefined` where it has nothing to do there. */
  readonly policy: PolicyDocument | undefined;
  /** Who has signed in: an ARN, or `undefined` as long as nobody has. */
  identity(): string | undefined;
}

export interface AmazonSignIn {
  readonly credentials: CredentialProvider;
  readonly repositories: EcrRepositories;
}

/**
 * One session in AWS for all that a step needs there, which begins when the first registry asks for a
 * credential. Makes no request.
 */
export function signInOf(step: EnvironmentStep, needs: Needs): SignIn {
  const { environment, host } = step;
  const endpoints = awsEndpoints(host.env);
  const places = (Object.keys(needs) as RegistryRole[]).flatMap((role): AmazonPlace[] => {
    const registry = amazonRegistry(environment, role, endpoints);
    const access = needs[role] ?? 'read';
    return registry ? [{ role, registry, access }] : [];
  });
  if (places.length === 0) {
    return { at: () => undefined, policy: undefined, identity: () => undefined };
  }
  const policy = rightsOf(step, places);
  const { session, identity } = openSession(step, places, policy);
  return {
    policy,
    identity,
    at: (role) => {
      const place = places.find((each) => each.role === role);
      return (
        place && {
          credentials: ecrCredentials(session, place.registry, { now: () => host.now() }),
          repositories: ecrRepositories(session, place.registry),
        }
      );
    },
  };
}

function openSession(
  step: EnvironmentStep,
  places: readonly AmazonPlace[],
  policy: PolicyDocument,
) {
  const { environment, host, options } = step;
  const { env } = host;
  const code = options.mfaCode ?? env.RELEASE_MFA_CODE;
  const mfaCode = code === undefined || code === '' ? undefined : new Secret(String(code));
  const region = places.flatMap(({ registry }) =>
    registry.kind === 'private' ? [registry.region] : [],
  )[0];
  const aws = openAws({
    variables: env,
    endpoints: awsEndpoints(env),
    proxy: proxyOf(env),
    region: region ?? 'us-east-1',
    mfaCode,
    now: () => host.now(),
  });
  host.atEnd(() => {
    aws.close();
    return Promise.resolve();
  });
  const access = places.some((each) => each.access === 'write') ? 'write' : 'read';
  const settings = environment.aws();
  const role = settings?.role(access);
  const assumed = role && assumedRole(step, role, mfaCode);
  const session = aws.session({
    account: settings?.account,
    role: assumed,
    policy: assumed && policy,
  });
  return noted(step, session);
}

/** The same session, whose identity is remembered and whose notes are shown when it begins. */
function noted({ host }: EnvironmentStep, session: AwsSession) {
  let begun: string | undefined;
  const noting: AwsSession = {
    ...session,
    async identity(signal) {
      const identity = await session.identity(signal);
      if (begun === undefined) for (const note of identity.notes) host.print(`  note  ${note}`);
      begun = identity.arn;
      return identity;
    },
    async perform(deed, work, signal) {
      await noting.identity(signal);
      return session.perform(deed, work, signal);
    },
  };
  return { session: noting, identity: () => begun };
}

function assumedRole(
  { host }: EnvironmentStep,
  role: RoleSettings,
  code: Secret | undefined,
): AssumedRole {
  const { arn, durationSeconds, externalId, sourceIdentity, tags } = role;
  const name = sessionName({ variables: host.env, user: host.user });
  const serialNumber = host.env.RELEASE_MFA_SERIAL ?? '';
  if (serialNumber !== '' && code === undefined) {
    throw new StepError(
      'mfa-needed',
      `RELEASE_MFA_SERIAL names the multi-factor device ${serialNumber}, and there is no code of it; give one with --mfa-code or RELEASE_MFA_CODE`,
    );
  }
  return {
    arn,
    sessionName: name,
    durationSeconds,
    externalId,
    tags,
    ...(sourceIdentity && { sourceIdentity: name }),
    ...(serialNumber !== '' && code && { mfa: { serialNumber, code } }),
  };
}
