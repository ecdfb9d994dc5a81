import {
  awsEndpoints,
  ecrCredentials,
  ecrRepositories,
  type EcrRegistry,
  type EcrRepositories,
  type PolicyDocument,
} from '@teleport-plugins/auth';
import type { Credential, CredentialProvider } from '@teleport-plugins/registry';
import type { RegistryRole } from '@teleport-plugins/release';
import type { Secret } from '@teleport-plugins/secrets';

import { StepError } from '../error.js';
import type { Host } from '../host.js';
import type { EnvironmentStep } from '../step/step.js';
import { amazonRegistry } from './amazon.js';
import { awsSession, roleOf } from './aws-session.js';
import { rightsOf, type AmazonPlace, type Needs } from './rights.js';
import { cacheOf } from './token-cache.js';

/** How a step signs in to the registries of its environment. */
export interface SignIn {
  /** For a registry of Amazon's; `undefined` for any other. */
  at(role: RegistryRole): AmazonSignIn | undefined;
  /** What the step may do in AWS; `undefined` where it has nothing to do there. */
  readonly policy: PolicyDocument | undefined;
  /** Whether a role is assumed for it, which the policy can take rights away from. */
  readonly assumesRole: boolean;
  /** Who has signed in to AWS, as an ARN; `undefined` as long as nobody has. */
  readonly identity: () => string | undefined;
}

export interface AmazonSignIn {
  readonly registry: EcrRegistry;
  readonly credentials: CredentialProvider;
  readonly repositories: EcrRepositories;
}

/**
 * One session in AWS for all that a step needs there, which begins when the first registry asks for a
 * credential. Makes no request.
 */
export function signInOf(step: EnvironmentStep, needs: Needs): SignIn {
  const { environment, host, options } = step;
  const endpoints = awsEndpoints(host.env);
  const places = (Object.keys(needs) as RegistryRole[]).flatMap((role): AmazonPlace[] => {
    const registry = amazonRegistry(environment, role, endpoints);
    const access = needs[role] ?? 'read';
    return registry ? [{ role, registry, access }] : [];
  });
  if (places.length === 0) {
    return {
      at: () => undefined,
      policy: undefined,
      assumesRole: false,
      identity: () => undefined,
    };
  }
  const policy = rightsOf(step, places);
  const access = places.some((each) => each.access === 'write') ? 'write' : 'read';
  const registries = places.map(({ registry }) => registry);
  const wish = {
    access,
    registries,
    policy,
    key: environment.aws()?.accessKey('registries'),
  } as const;
  const session = awsSession({ environment, host, mfaCode: options.mfaCode }, wish);
  const cache = sharesTokens(host) ? cacheOf(host) : undefined;
  let arn: string | undefined;
  return {
    policy,
    assumesRole: roleOf(environment, wish) !== undefined,
    identity: () => arn,
    at: (role) => {
      const place = places.find((each) => each.role === role);
      if (place === undefined) return undefined;
      const credentials = ecrCredentials(session, place.registry, {
        cache,
        now: () => host.now(),
      });
      return {
        registry: place.registry,
        credentials: async (...request) => {
          ({ arn } = await session.identity(request[1]?.signal));
          const credential = await credentials(...request);
          await host.announce([secretIn(credential)]);
          return credential;
        },
        repositories: ecrRepositories(session, place.registry),
      };
    },
  };
}

function secretIn(credential: Credential): Secret {
  return credential.kind === 'basic' ? credential.password : credential.token;
}

/**
 * Whether this user's processes share the tokens of registries, in files that only the user can read: for many
 * steps at a time, where each would obtain its own. Throws StepError `variable-invalid`.
 */
function sharesTokens({ env }: Host): boolean {
  const text = env.RELEASE_TOKEN_CACHE ?? '';
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw new StepError(
    'variable-invalid',
    `RELEASE_TOKEN_CACHE: expected "true" or "false", found "${text}"; with "true" steps share their registry tokens in this user's private cache`,
  );
}
