import {
  awsEndpoints,
  variableIn,
  type AwsEndpoints,
  type WantedRegistrations,
} from '@teleport-plugins/auth';
import type { Environment, RegistryAccess, RegistryRole } from '@teleport-plugins/release';

import { amazonRegistry } from '../environment/amazon.js';
import { StepError } from '../error.js';
import type { Host } from '../host.js';

/** What can be said to `login` and to `logout`. */
export interface HelperOptions {
  readonly environment?: string;
  /** Default: both. */
  readonly registry?: RegistryRole | 'both';
  readonly dryRun?: boolean;
}

/** What the credential helper has to know for the chosen registries of an environment. */
export interface HelperRegistrations {
  readonly registrations: WantedRegistrations;
  /** Registries that it is not for, with the reason, for people. */
  readonly left: readonly string[];
}

/**
 * Which registries of an environment are Amazon's, or stand in for them, and how tokens for them are got.
 * Throws StepError `nothing-to-sign-in-to` when none is, and what `registry` and `aws` throw.
 */
export function registrationsOf(
  environment: Environment,
  options: HelperOptions,
  access: RegistryAccess,
  { env }: Pick<Host, 'env'>,
): HelperRegistrations {
  const endpoints = endpointsOf(awsEndpoints(env));
  const aws = environment.aws();
  const role = aws?.role(access);
  const profile = variableIn(env, 'AWS_PROFILE');
  const common = {
    environment: environment.name,
    login: { registry: options.registry ?? 'both', access },
    account: aws?.account,
    role: role && {
      arn: role.arn,
      durationSeconds: role.durationSeconds,
      externalId: role.externalId,
      sourceIdentity: role.sourceIdentity,
      tags: role.tags,
      mfaSerial: variableIn(env, 'RELEASE_MFA_SERIAL'),
    },
    ...(Object.keys(endpoints).length > 0 && { endpoints }),
    ...(profile !== undefined && { profile }),
  };
  const left: string[] = [];
  const registrations = chosenRoles(options).flatMap((each) => {
    const endpoint = environment.registry(each);
    if (endpoint.kind === 'embedded') {
      left.push(`${each} is served by the steps themselves: nobody signs in to it`);
      return [];
    }
    const registry = amazonRegistry(environment, each, endpoints);
    if (registry === undefined) {
      left.push(
        `${endpoint.host} is not Amazon's, or the environment has no AWS account: use \`docker login ${endpoint.host}\``,
      );
      return [];
    }
    // Where it can be chosen, STS is asked in the same region; that of ECR Public is us-east-1.
    const region = registry.kind === 'private' ? registry.region : 'us-east-1';
    return [[endpoint.host, { ...common, registry, region }] as const];
  });
  if (registrations.length > 0) return { registrations: new Map(registrations), left };
  throw new StepError(
    'nothing-to-sign-in-to',
    `the environment ${environment.name} has no registry to sign in to: ${left.join('; ')}; name another one with -c`,
  );
}

/** The hosts of the chosen registries, whatever they are. */
export function chosenHosts(environment: Environment, options: HelperOptions): readonly string[] {
  return chosenRoles(options).flatMap((role) => {
    const endpoint = environment.registry(role);
    return endpoint.kind === 'remote' ? [endpoint.host] : [];
  });
}

function chosenRoles({ registry = 'both' }: HelperOptions): readonly RegistryRole[] {
  return registry === 'both' ? ['staging', 'public'] : [registry];
}

/** Those that tokens are got from. */
function endpointsOf({ sts, ecr, ecrPublic }: AwsEndpoints): AwsEndpoints {
  return {
    ...(sts !== undefined && { sts }),
    ...(ecr !== undefined && { ecr }),
    ...(ecrPublic !== undefined && { ecrPublic }),
  };
}
