import type { ObjectStore } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { formatMirrorIndex } from '../documents/mirror.js';
import { formatIndex, indexLimit, parseIndex, type VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { requireConditions, writeObject, type PublishEvent } from '../publish/apply.js';
import { indexEntryOf } from '../publish/index-document.js';
import { mirroredVersions } from '../publish/mirrored.js';
import { planned, wantedBytes, type PlannedObject, type WantedObject } from '../publish/planned.js';
import { clientDocuments, sumsObject } from '../publish/release-objects.js';
import { plannedDiscovery } from '../publish/signed.js';
import type { Registry } from '../registry.js';
import type { Version } from '../version.js';
import { committedReleases, withdrawnVersions } from './committed.js';
import { unrecordedVersions } from './unrecorded-versions.js';

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
  const withdrawn = new Set(await withdrawnVersions(registry, operation));
  const settled = new Set([...releases.map(({ version }) => version), ...withdrawn]);
  const { older, own } = await unrecordedVersions(registry, settled, operation);
  for (const { version, yanked } of releases) if (yanked !== undefined) withdrawn.add(version);
  const current = await readLeniently(registry, operation);
  const listed = current.index?.versions.filter((each) => own.has(each.version)) ?? [];
  const index: VersionIndex = {
    versions: [...older, ...listed, ...visible.map(indexEntryOf)],
    warnings: current.index?.warnings ?? [],
  };
  objects.push(await forced(store, indexObject(registry, index), operation));
  for (const host of mirrorHosts) {
    const mirrored = await mirroredVersions(registry, host, listed, operation);
    const versions = [...mirrored, ...visible.map(({ version }) => version)];
    objects.push(await forced(store, mirrorObject(host, registry, versions), operation));
  }
  const remarks = remarksOn({ own, withdrawn }, current.index, index);
  return { registry, objects, remarks: [...current.remarks, ...remarks] };
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

/**
 * What was listed is published, whatever became of its record, and stays. What was never listed may be
 * what an attempt left; whether it was is not known where the index is lost.
 */
function remarksOn(
  { own, withdrawn }: Readonly<Record<'own' | 'withdrawn', ReadonlySet<Version>>>,
  before: VersionIndex | undefined,
  after: VersionIndex,
): readonly string[] {
  const writing = 'tf-stage or tf-release for its tag, which';
  if (before === undefined) {
    return [...own].map(
      (version) =>
        `version ${version} has documents and no record, and is not listed. If it was published, run ${writing} lists it again; if an attempt left it that was never completed, discard that with tf-repair --discard`,
    );
  }
  const kept = new Set(after.versions.map(({ version }) => version));
  return before.versions.flatMap(({ version }) => {
    if (own.has(version)) {
      return `version ${version} is listed and its record is gone; it stays listed. Run ${writing} writes the record again`;
    }
    if (kept.has(version)) return [];
    if (withdrawn.has(version)) return `version ${version} was yanked, and is taken out`;
    return `version ${version} is listed, and there is neither a record nor a document of it; it is taken out`;
  });
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
