import { ecrRegistryOf, type AwsEndpoints, type EcrRegistry } from '@teleport-plugins/auth';
import { standsInFor, type Environment, type RegistryRole } from '@teleport-plugins/release';

/**
 * The registry of Amazon's that an environment has in a role, or that a registry of this machine stands in
 * for: then its tokens come from this machine too. `undefined` for one of anybody else, and in an
 * environment without an AWS account, where docker's logins are used.
 */
export function amazonRegistry(
  environment: Environment,
  role: RegistryRole,
  endpoints: AwsEndpoints,
): EcrRegistry | undefined {
  if (environment.aws() === undefined) return undefined;
  const declared = standsInFor(environment, role, ({ host }) => {
    const registry = ecrRegistryOf(host);
    return registry && endpoints[registry.kind === 'public' ? 'ecrPublic' : 'ecr'];
  });
  const endpoint = declared ?? environment.registry(role);
  return endpoint.kind === 'remote' ? ecrRegistryOf(endpoint.host) : undefined;
}

/**
 * What a registry of Amazon's answers to a request without credential, which saves that request; of one
 * that stands in it is not known.
 */
export function challengeOf(host: string): string | undefined {
  switch (ecrRegistryOf(host)?.kind) {
    case 'private':
      return 'Basic realm="ecr"';
    case 'public':
      return 'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"';
    case undefined:
      return undefined;
  }
}
