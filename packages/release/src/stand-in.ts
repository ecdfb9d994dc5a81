import { isLoopbackHost, type RemoteRegistry } from './endpoint.js';
import type { Environment, RegistryRole } from './environment.js';

/**
 * The registry of the configuration that a registry on this machine takes the place of, so that it is
 * signed in to in the same way; `undefined` for one that stands for itself. `tokenEndpoint` answers
 * with the URL that replaces the one of AWS which issues the tokens of a registry, if any does: unless
 * that is on this machine too, a real token would go to a server that is not the registry. Throws what
 * `registry` and `declaredRegistry` throw.
 */
export function standsInFor(
  environment: Pick<Environment, 'registry' | 'declaredRegistry'>,
  role: RegistryRole,
  tokenEndpoint: (declared: RemoteRegistry) => string | undefined,
): RemoteRegistry | undefined {
  const used = environment.registry(role);
  const declared = environment.declaredRegistry(role);
  if (used.kind !== 'remote' || declared?.kind !== 'remote') return undefined;
  if (!isLoopbackHost(used.host) || isLoopbackHost(declared.host)) return undefined;
  const endpoint = tokenEndpoint(declared);
  return endpoint !== undefined && isLoopbackUrl(endpoint) ? declared : undefined;
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopbackHost(url.host);
}
