/**
 * The entries of a map in the configuration that hold for a whole registry; or, given a repository, those
 * that hold for it or a namespace above it, the closest first.
 *
 * Keys are `host[:port]`, such a host as an address (`https://host/v1/`), or `host[:port]/namespace`.
 * What is meant for a namespace is not taken for the whole registry, nor is an address of anything but
 * the root of the registry's API.
 * https://github.com/containers/image/blob/v5.36.2/docs/containers-auth.json.5.md#format
 */
export function entriesFor<T>(
  entries: ReadonlyMap<string, T>,
  registry: string,
  repository?: string,
): readonly { readonly key: string; readonly value: T }[] {
  const host = canonicalHost(registry);
  const known = [...entries].flatMap(([key, value]) => {
    const scope = scopeOf(key);
    return scope?.host === host ? [{ key, value, scope }] : [];
  });
  return namespacesOf(repository).flatMap((namespace) =>
    known
      .filter(({ scope }) => scope.namespace === namespace)
      .sort((a, b) => Number(a.scope.isAddress) - Number(b.scope.isAddress)),
  );
}

/**
 * What docker calls a registry towards a credential helper.
 * https://github.com/moby/moby/blob/v28.0.0/registry/config.go (IndexServer)
 */
export function serverOf(registry: string): string {
  const host = canonicalHost(registry);
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}

interface Scope {
  readonly host: string;
  /** Empty: the whole registry. */
  readonly namespace: string;
  readonly isAddress: boolean;
}

function scopeOf(key: string): Scope | undefined {
  const [, scheme, host = '', path = ''] = /^(https?:\/\/)?([^/@\s]+)(?:\/(.*))?$/i.exec(key) ?? [];
  if (host === '') return undefined;
  if (scheme === undefined) return { host: canonicalHost(host), namespace: path, isAddress: false };
  if (!/^(?:v[12]\/?)?$/.test(path)) return undefined;
  return { host: canonicalHost(host), namespace: '', isAddress: true };
}

/** `a/b/c`, `a/b` and `a`. */
function namespacesOf(repository: string | undefined): readonly string[] {
  if (repository === undefined) return [''];
  const parts = repository.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** Docker Hub has three names. */
function canonicalHost(host: string): string {
  const name = host.toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io'].includes(name) ? 'docker.io' : name;
}
