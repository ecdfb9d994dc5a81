import type {
  ObjectStore,
  StoredObject,
  Version as ObjectVersion,
} from '@teleport-plugins/object-store';

import type { OperationOptions } from './content.js';
import { advised, repairIt, restoreIt } from './documents/advised.js';
import { keys, type ProviderAddress } from './documents/layout.js';
import { manifestLimit, parseManifest, type ReleaseManifest } from './documents/manifest.js';
import { indexLimit, parseIndex, type VersionIndex } from './documents/versions.js';
import { parseWithdrawal, withdrawalLimit } from './documents/withdrawal.js';
import { TerraformRegistryError } from './error.js';
import { meter, type Sha256 } from './sha256.js';
import type { Version } from './version.js';

/** A static Terraform registry and the provider in it that this is about. */
export interface Registry {
  readonly store: ObjectStore;
  readonly address: ProviderAddress;
  /** The hosts whose network mirror is kept beside the registry, usually its own; none by default. */
  readonly mirrorHosts?: readonly string[];
}

/** A document as it was read, and the version of its object for writing it again. */
export interface Read<T> {
  readonly value: T;
  readonly objectVersion: ObjectVersion;
}

export function nameOf({ store, address: { namespace, type } }: Registry): string {
  return `${store.name} (${namespace}/${type})`;
}

/**
 * What is committed of a version; `undefined` when it is not. One of which a note says that it was withdrawn is
 * yanked, whatever its record says: that may have been lost, and be there again.
 */
export async function readManifest(
  registry: Registry,
  version: Version,
  options?: OperationOptions,
): Promise<Read<ReleaseManifest> | undefined> {
  const { store, address } = registry;
  const key = keys.manifest(address, version);
  const stored = await store.get(key, options);
  if (stored === undefined) return undefined;
  const where = `${store.name}/${key}`;
  const parse = advised(parseManifest, restoreIt);
  const value = parse(await stored.bytes(manifestLimit, options), where);
  const isHere =
    value.version === version &&
    value.type === address.type &&
    value.namespace === address.namespace;
  if (isHere) {
    const yanked = value.yanked ?? (await readWithdrawal(registry, version, options));
    const known = { ...value, ...(yanked !== undefined && { yanked }) };
    return { value: known, objectVersion: stored.version };
  }
  throw new TerraformRegistryError(
    'document-invalid',
    `${where}: is of ${value.namespace}/${value.type} ${value.version}; restore the object that belongs here`,
  );
}

/** Why a version was taken out of the index, with a record or without one; `undefined` when it was not. */
export async function readYank(
  registry: Registry,
  version: Version,
  options?: OperationOptions,
): Promise<string | undefined> {
  const manifest = await readManifest(registry, version, options);
  return manifest === undefined
    ? readWithdrawal(registry, version, options)
    : manifest.value.yanked;
}

/** Why a version was taken out of the index, as a note beside its record says; `undefined` without one. */
export async function readWithdrawal(
  { store, address }: Registry,
  version: Version,
  options?: OperationOptions,
): Promise<string | undefined> {
  const key = keys.withdrawal(address, version);
  const bytes = await (await store.get(key, options))?.bytes(withdrawalLimit, options);
  return bytes && advised(parseWithdrawal, restoreIt)(bytes, `${store.name}/${key}`).yanked;
}

/** The manifest of a version that must be committed. Throws `not-found`. */
export async function requireManifest(
  registry: Registry,
  version: Version,
  advice: string,
  options?: OperationOptions,
): Promise<Read<ReleaseManifest>> {
  const manifest = await readManifest(registry, version, options);
  if (manifest !== undefined) return manifest;
  throw new TerraformRegistryError(
    'not-found',
    `${nameOf(registry)}: version ${version} is not there; ${advice}`,
  );
}

export async function readIndex(
  { store, address }: Registry,
  options?: OperationOptions,
): Promise<Read<VersionIndex> | undefined> {
  const key = keys.index(address);
  const stored = await store.get(key, options);
  if (stored === undefined) return undefined;
  const bytes = await stored.bytes(indexLimit, options);
  const value = advised(parseIndex, repairIt)(bytes, `${store.name}/${key}`);
  return { value, objectVersion: stored.version };
}

export async function sha256OfStored(
  stored: StoredObject,
  options?: OperationOptions,
): Promise<Sha256> {
  const measured = meter();
  for await (const piece of stored.content(options)) measured.add(piece);
  return measured.sha256();
}
