import type { ProviderRelease } from '../archives/name.js';
import type { NamedPlatform } from '../platform.js';
import { isVersion, type Version } from '../version.js';

/** A provider in a registry: `gravitational/teleport`. */
export interface ProviderAddress {
  readonly namespace: string;
  readonly type: string;
}

/** What the discovery document says: the protocol's paths begin here. It ends in a slash, as it must. */
export const registryBase = '/registry/';

/**
 * Where everything is in the store, which is served from the root of its host. `registry` is the
 * protocol of Terraform, `store` what its documents lead to, `mirror` the network mirror over the same
 * zips, `releases` the record of what was committed, which no client reads.
 */
export const keys = {
  discovery: '.well-known/terraform.json',
  index: ({ namespace, type }: ProviderAddress) => `registry/${namespace}/${type}/versions`,
  download: ({ namespace, type }: ProviderAddress, version: Version, { os, arch }: NamedPlatform) =>
    `registry/${namespace}/${type}/${version}/download/${os}/${arch}`,
  downloads: ({ namespace, type }: ProviderAddress, version: Version) =>
    `registry/${namespace}/${type}/${version}/download/`,
  file: ({ namespace, type }: ProviderAddress, version: Version, file: string) =>
    `store/${namespace}/${type}/${version}/${file}`,
  manifests: ({ namespace, type }: ProviderAddress) => `releases/${namespace}/${type}/`,
  manifest: (address: ProviderAddress, version: Version) =>
    `${keys.manifests(address)}${version}.json`,
  withdrawals: (address: ProviderAddress) => `${keys.manifests(address)}withdrawn/`,
  withdrawal: (address: ProviderAddress, version: Version) =>
    `${keys.withdrawals(address)}${version}.json`,
  mirrorIndex: (host: string, { namespace, type }: ProviderAddress) =>
    `mirror/${host}/${namespace}/${type}/index.json`,
  mirrorVersion: (host: string, { namespace, type }: ProviderAddress, version: Version) =>
    `mirror/${host}/${namespace}/${type}/${version}.json`,
} as const;

/** The release that an object is of; `undefined` where it is of all of them, or under none of these keys. */
export function releaseOfKey(key: string): ProviderRelease | undefined {
  const [, type = '', version = ''] =
    /^(?:store|registry|releases|mirror\/[^/]+)\/[^/]+\/([^/]+)\/(?:withdrawn\/)?([^/]+?)(?:\.json|\/.*)$/.exec(
      key,
    ) ?? [];
  return isVersion(version) ? { type, version } : undefined;
}

/** The names that mirrors of file systems and of networks need. */
export const fileNames = {
  zip: ({ type, version }: ProviderRelease, { os, arch }: NamedPlatform) =>
    `terraform-provider-${type}_${version}_${os}_${arch}.zip`,
  /** A version to which a platform was added later has new sums, beside those that clients still read. */
  sums: ({ type, version }: ProviderRelease, revision: number) =>
    `terraform-provider-${type}_${version}${revision === 1 ? '' : `_r${revision}`}_SHA256SUMS`,
  /** Named by its keys, so that signing again needs no change of what is there. */
  signature: (sums: string, keyIds: readonly string[]) => `${sums}.${keyIds.join('.')}.sig`,
} as const;

/** The address of an object for a document under another key, whatever host both are on. */
export function relativeUrl(from: string, to: string): string {
  const up = from.split('/').slice(0, -1);
  const down = to.split('/');
  while (up.length > 0 && down.length > 1 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  return [...up.map(() => '..'), ...down].join('/');
}

/** How long clients and caches between may keep what they got. */
export const cacheControl = {
  /** Bytes under this key never change. */
  forever: 'public, max-age=31536000, immutable',
  brief: 'public, max-age=60',
  /** Of what no client reads. */
  never: 'no-store',
} as const;

export const contentType = {
  json: 'application/json',
  zip: 'application/zip',
  sums: 'text/plain; charset=utf-8',
  signature: 'application/octet-stream',
} as const;
