import type { Digest } from '@teleport-plugins/oci';

import type { Exchange } from './exchange.js';
import type { Scope } from './scope.js';

/** One repository of a registry, as its requests need it. */
export interface Place {
  readonly exchange: Exchange;
  /** The path in the registry: `acme/app`. */
  readonly path: string;
  /** `host/path`. */
  readonly name: string;
  readonly scopes: { readonly read: readonly Scope[]; readonly write: readonly Scope[] };
  /** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints */
  readonly urls: {
    blob(digest: Digest): URL;
    uploads(query?: string): URL;
    /** By tag or digest. */
    manifest(reference: string): URL;
    tags(query: string): URL;
    referrers(digest: Digest, query?: string): URL;
  };
}

export function placeAt(
  exchange: Exchange,
  registry: URL,
  { host, path, scopes }: { host: string; path: string; scopes: Place['scopes'] },
): Place {
  const at = (rest: string) => new URL(`/v2/${path}/${rest}`, registry);
  return {
    exchange,
    path,
    name: `${host}/${path}`,
    scopes,
    urls: {
      blob: (digest) => at(`blobs/${digest}`),
      uploads: (query = '') => at(`blobs/uploads/${query}`),
      manifest: (reference) => at(`manifests/${reference}`),
      tags: (query) => at(`tags/list${query}`),
      referrers: (digest, query = '') => at(`referrers/${digest}${query}`),
    },
  };
}
