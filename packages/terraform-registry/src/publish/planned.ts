import type { Body, ObjectStore, Version as ObjectVersion } from '@teleport-plugins/object-store';

import { formatReleaseTag } from '../archives/name.js';
import type { OperationOptions } from '../content.js';
import { releaseOfKey } from '../documents/layout.js';
import { TerraformRegistryError } from '../error.js';
import { sha256OfStored } from '../registry.js';
import { sha256Of, type Sha256 } from '../sha256.js';

/** An object that a version is made of. */
export interface WantedObject {
  readonly key: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Its bytes, or another store's object that has them. */
  readonly body: Body | { readonly store: ObjectStore; readonly key: string };
}

/** The same, and what is to be done about it. */
export interface PlannedObject extends WantedObject {
  readonly act: 'create' | 'keep' | 'replace';
  /** What is replaced. */
  readonly replaced?: ObjectVersion;
}

/** A small object, whose bytes are at hand. */
export function wantedBytes(
  key: string,
  bytes: Uint8Array,
  labels: Pick<WantedObject, 'contentType' | 'cacheControl'>,
): WantedObject {
  return { key, size: bytes.length, sha256: sha256Of(bytes), body: bytes, ...labels };
}

/**
 * What is to be done so that the store has an object. One with other bytes is only replaced when it is
 * one of those that `replaceable` tells by their sha256. Throws `conflict`.
 */
export async function planned(
  store: ObjectStore,
  wanted: WantedObject,
  options: OperationOptions & { readonly replaceable?: (sha256: Sha256) => boolean } = {},
): Promise<PlannedObject> {
  const { replaceable = () => false, signal } = options;
  const stored = await store.get(wanted.key, signal && { signal });
  if (stored === undefined) return { ...wanted, act: 'create' };
  const sha256 = await sha256OfStored(stored, signal && { signal });
  if (sha256 === wanted.sha256) return { ...wanted, act: 'keep' };
  if (replaceable(sha256)) return { ...wanted, act: 'replace', replaced: stored.version };
  throw conflict(store, wanted, sha256);
}

function repairing(option: string, key: string): string {
  const release = releaseOfKey(key);
  const tag = release === undefined ? 'TAG' : formatReleaseTag(release);
  return `\`tf-repair ${option} --tag ${tag}\``;
}

/** How a zip is brought back that is gone or another one. */
export function restoring(key: string): string {
  return `${repairing('--zips-from PLACE', key)} restores it, from the other registry, the archives of the tag, or a folder`;
}

/** Of an object that is there with other bytes. Both digests are named. */
export function conflict(
  store: ObjectStore,
  wanted: Pick<WantedObject, 'key' | 'sha256'>,
  found: Sha256,
): TerraformRegistryError {
  return new TerraformRegistryError(
    'conflict',
    `${store.name}/${wanted.key}: is there with the sha256 ${found}, and would be ${wanted.sha256}; what is published never changes. If the version was published and its record is lost, ${repairing('--published', wanted.key)} makes that again; if an attempt left this that was never completed, ${repairing('--discard', wanted.key)} removes it; other bytes need a new version`,
  );
}
