import { repositoryArn } from '../ecr/registries.js';
import type { PrivateRegistryOptions } from '../options.js';
import { deniedMessage, refusalOf, type Principal } from '../principals.js';
import type { World } from '../world.js';
import { RegistryFault, tokenExpired, tokenInvalid } from './fault.js';
import { passwordIn, type Front, type Visit } from './front.js';
import { privateLimits, rates } from './rates.js';
import type { Storage } from './storage.js';

/** ECR of an account in a region: a password of that region, for whatever its owner may do. */
export function privateFront(
  world: World,
  storage: Storage,
  { account, region, upstream, mounting = false, limits = {} }: PrivateRegistryOptions,
): Front {
  const registry = world.registries.private(account, region);
  return {
    ...{ world, storage, region, upstream, mounting },
    name: `${account}/${region}`,
    rates: rates({ ...privateLimits, ...limits }, world.now),
    ranges: new Map(),
    referrers: true,
    checkManifest: () => undefined,
    find: (repository) => ({ registry, repository }),
    visitor({ headers }) {
      const password = passwordIn(headers.authorization);
      if (password === undefined) throw challenge(registry.host);
      const token = world.registryTokens.find(password);
      if (token?.audience !== `ecr ${region}`) throw tokenInvalid();
      if (token.expiresAt <= world.now()) throw tokenExpired();
      return token.principal;
    },
    authorize,
  };
}

function challenge(host: string): RegistryFault {
  return new RegistryFault(401, 'UNAUTHORIZED', 'Not Authorized', {
    'www-authenticate': `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
  });
}

function authorize({ visitor, action, place }: Visit): void {
  const { registry, repository } = place;
  const name = action === 'ListReferrers' ? 'BatchGetImage' : action;
  const wish = { action: `ecr:${name}`, resource: repositoryArn(registry, repository) };
  const policyKind = refused(visitor);
  if (visitor && policyKind === undefined) return;
  throw new RegistryFault(403, 'DENIED', deniedMessage(visitor?.arn ?? '', wish, policyKind));

  function refused(principal: Principal | undefined): string | undefined {
    const own = principal && refusalOf(principal, wish);
    return own ?? (principal?.account === registry.account ? undefined : 'resource-based');
  }
}
