import type { ObjectStore } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { formatMirrorIndex } from '../documents/mirror.js';
import { formatIndex, indexLimit, parseIndex, type VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { requireConditions, writeObject, type PublishEvent } from '../publish/apply.js';
import { indexEntryOf } from '../publish/index-document.js';
import { planned, wantedBytes, type PlannedObject, type WantedObject } from '../publish/planned.js';
import { clientDocuments, sumsObject } from '../publish/release-objects.js';
import { plannedDiscovery } from '../publish/signed.js';
import type { Registry } from '../registry.js';
import type { Version } from '../version.js';
import { committedReleases } from './committed.js';
import { olderVersions } from './older-versions.js';

/** What a repair will write, in its order, and what it cannot bring back. */
export interface RepairPlan {
  readonly registry: Registry;
  readonly objects: readonly PlannedObject[];
  /** What people should know, and may have to do themselves. */
  readonly remarks: readonly string[];
}

/**
 * What makes a registry again what its records say: documents that are missing or were changed, and the
 * index, whatever state that is in. Zips and signatures are not made again; verifying tells which are
 * missing. A version that was yanked stays out.
 */
export async function planRepair(
  registry: Registry,
  options: OperationOptions = {},
): Promise<RepairPlan> {
  const { store, mirrorHosts = [] } = registry;
  const operation = { ...(options.signal && { signal: options.signal }) };
  const releases = await committedReleases(registry, operation);
  const visible = releases.filter(({ yanked }) => yanked === undefined);
  const objects: PlannedObject[] = [await plannedDiscovery(store, operation)];
  for (const wanted of visible.flatMap((each) => documentsOf(each, mirrorHosts))) {
    objects.push(await forced(store, wanted, operation));
  }
  const recorded = new Set(releases.map(({ version }) => version));
  const older = await olderVersions(registry, recorded, operation);
  const current = await readLeniently(registry, operation);
  const index: VersionIndex = {
    versions: [...older, ...visible.map(indexEntryOf)],
    warnings: current.index?.warnings ?? [],
  };
  objects.push(await forced(store, indexObject(registry, index), operation));
  for (const host of mirrorHosts) {
    const versions = visible.map(({ version }) => version);
    objects.push(await forced(store, mirrorObject(host, registry, versions), operation));
  }
  const lost = lostVersions(current.index, index);
  return { registry, objects, remarks: [...current.remarks, ...lost] };
}

/** Writes what was planned. Throws `contended` when somebody published meanwhile: then plan again. */
export async function applyRepair(
  { registry, objects }: RepairPlan,
  options: OperationOptions & { readonly onEvent?: (event: PublishEvent) => void } = {},
): Promise<void> {
  const { onEvent = () => undefined, signal } = options;
  const operation = signal && { signal };
  if (objects.every(({ act }) => act === 'keep')) return;
  await requireConditions(registry, options);
  for (const object of objects) {
    const kind = await writeObject(registry.store, object, operation);
    onEvent({ kind, key: object.key, size: object.size });
  }
}

/** A version that nothing is left of cannot be installed, and is not listed any more. */
function lostVersions(before: VersionIndex | undefined, after: VersionIndex): readonly string[] {
  const kept = new Set(after.versions.map(({ version }) => version));
  const lost = before?.versions.filter(({ version }) => !kept.has(version)) ?? [];
  return lost.map(
    ({ version }) =>
      `version ${version} is listed without a record and documents, and is taken out`,
  );
}

function documentsOf(release: ReleaseManifest, hosts: readonly string[]): readonly WantedObject[] {
  return [sumsObject(release), ...clientDocuments(release, hosts)];
}

/** What is to be done so that the store has an object, whatever is in its place. */
function forced(
  store: ObjectStore,
  wanted: WantedObject,
  options: OperationOptions,
): Promise<PlannedObject> {
  return planned(store, wanted, { ...options, replaceable: () => true });
}

function indexObject({ address }: Registry, index: VersionIndex): WantedObject {
  return wantedBytes(keys.index(address), formatIndex(index), labels);
}

function mirrorObject(host: string, { address }: Registry, versions: readonly Version[]) {
  return wantedBytes(keys.mirrorIndex(host, address), formatMirrorIndex(versions), labels);
}

const labels = { contentType: contentType.json, cacheControl: cacheControl.brief };

async function readLeniently({ store, address }: Registry, options: OperationOptions) {
  const key = keys.index(address);
  const stored = await store.get(key, options);
  if (stored === undefined) return { index: undefined, remarks: [`${key}: is missing`] };
  try {
    const bytes = await stored.bytes(indexLimit, options);
    return { index: parseIndex(bytes, key), remarks: [] };
  } catch (error) {
    if (!(error instanceof TerraformRegistryError)) throw error;
    const lost = `${error.message}; warnings that were in it are lost`;
    return { index: undefined, remarks: [lost] };
  }
}
