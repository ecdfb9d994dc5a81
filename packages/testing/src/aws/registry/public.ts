import type { IncomingMessage } from 'node:http';

import { repositoryArn } from '../ecr/registries.js';
import type { PublicRegistryOptions } from '../options.js';
import { deniedMessage, refusalOf } from '../principals.js';
import type { World } from '../world.js';
import { RegistryFault, tokenExpired, tokenInvalid } from './fault.js';
import { passwordIn, type Front, type Visit } from './front.js';
import { publicLimits, rates } from './rates.js';
import type { Storage } from './storage.js';
import { checkStrictly } from './strictness.js';

/** ECR Public: a bearer token, which anybody gets to read with. */
export function publicFront(
  world: World,
  storage: Storage,
  { upstream, referrers = false, limits = {} }: PublicRegistryOptions,
): Front {
  return {
    ...{ world, storage, upstream, referrers },
    name: 'public',
    region: 'us-east-1',
    rates: rates({ ...publicLimits, ...limits }, world.now),
    ranges: new Map(),
    mounting: false,
    checkManifest: checkStrictly,
    find(name) {
      const [alias = '', ...rest] = name.split('/');
      const registry = world.registries.publicByAlias(alias);
      return registry && { registry, repository: rest.join('/') };
    },
    visitor(request) {
      const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
      if (bearer === undefined) throw challenge(request);
      const token = world.registryTokens.find(bearer);
      if (token?.audience !== 'public bearer') throw tokenInvalid();
      if (token.expiresAt <= world.now()) throw tokenExpired();
      return token.principal;
    },
    authorize,
    token(request, path) {
      if (path !== '/token/' && path !== '/token') return undefined;
      if (request.method !== 'GET') throw new RegistryFault(405, 'UNSUPPORTED', 'not possible');
      const password = passwordIn(request.headers.authorization);
      if (password === undefined) {
        return { token: world.registryTokens.issue(undefined, 'public bearer').text };
      }
      const found = world.registryTokens.find(password);
      if (found?.audience !== 'public password') throw tokenInvalid();
      const { principal, expiresAt } = found;
      if (expiresAt <= world.now()) throw tokenExpired();
      return { token: world.registryTokens.issue(principal, 'public bearer', expiresAt).text };
    },
  };
}

function challenge({ headers }: IncomingMessage): RegistryFault {
  const realm = `http://${headers.host ?? ''}/token/`;
  return new RegistryFault(401, 'UNAUTHORIZED', 'Not Authorized', {
    'www-authenticate': `Bearer realm="${realm}",service="public.ecr.aws",scope="aws"`,
  });
}

function authorize({ visitor, action, place, request }: Visit): void {
  if (['BatchGetImage', 'GetDownloadUrlForLayer', 'ListImages', 'ListReferrers'].includes(action)) {
    return;
  }
  if (!visitor) {
    // Even of what anybody may download.
    if (action === 'BatchCheckLayerAvailability') throw challenge(request);
    throw new RegistryFault(403, 'DENIED', 'Not Authorized');
  }
  const { registry, repository } = place;
  const wish = { action: `ecr-public:${action}`, resource: repositoryArn(registry, repository) };
  const isOwn = visitor.account === registry.account;
  const policyKind = refusalOf(visitor, wish) ?? (isOwn ? undefined : 'resource-based');
  if (policyKind === undefined) return;
  throw new RegistryFault(403, 'DENIED', deniedMessage(visitor.arn, wish, policyKind));
}
