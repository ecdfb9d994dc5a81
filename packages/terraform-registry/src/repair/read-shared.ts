import type { ObjectStore, Version as ObjectVersion } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { keys } from '../documents/layout.js';
import { parseMirrorIndex } from '../documents/mirror.js';
import { indexLimit, parseIndex, type VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import type { PlannedObject, WantedObject } from '../publish/planned.js';
import type { Registry } from '../registry.js';
import { sha256Of, type Sha256 } from '../sha256.js';
import type { Version } from '../version.js';

/** A shared document as it was read; absent, or not to be understood, where there is no value. */
export interface Read<T> {
  readonly value: T | undefined;
  readonly remarks: readonly string[];
  readonly stored?: { readonly version: ObjectVersion; readonly sha256: Sha256 };
}

/** What is to be done about a shared document, in the place of exactly what was read. */
export function written(wanted: WantedObject, { stored }: Read<unknown>): PlannedObject {
  if (stored === undefined) return { ...wanted, act: 'create' };
  if (stored.sha256 === wanted.sha256) return { ...wanted, act: 'keep' };
  return { ...wanted, act: 'replace', replaced: stored.version };
}

export async function readIndexLeniently(
  { store, address }: Registry,
  options: OperationOptions,
): Promise<Read<VersionIndex>> {
  const key = keys.index(address);
  const read = await readShared(store, key, parseIndex, options);
  if (read.stored === undefined) return { ...read, remarks: [`${key}: is missing`] };
  return {
    ...read,
    remarks: read.remarks.map((why) => `${why}; warnings that were in it are lost`),
  };
}

/** That its content cannot be understood is nothing to tell: it is made again from what there is. */
export function readMirror(
  { store, address }: Registry,
  host: string,
  options: OperationOptions,
): Promise<Read<readonly Version[]>> {
  return readShared(store, keys.mirrorIndex(host, address), parseMirrorIndex, options);
}

async function readShared<T>(
  store: ObjectStore,
  key: string,
  parse: (bytes: Uint8Array, where: string) => T,
  options: OperationOptions,
): Promise<Read<T>> {
  const found = await store.get(key, options);
  if (found === undefined) return { value: undefined, remarks: [] };
  const bytes = await found.bytes(indexLimit, options);
  const stored = { version: found.version, sha256: sha256Of(bytes) };
  try {
    return { value: parse(bytes, key), remarks: [], stored };
  } catch (error) {
    if (!(error instanceof TerraformRegistryError)) throw error;
    return { value: undefined, remarks: [error.message], stored };
  }
}
