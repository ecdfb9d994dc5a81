import type { ObjectStore } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { formatMirrorIndex } from '../documents/mirror.js';
import { formatIndex, type VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { requireConditions, writeObject, type PublishEvent } from '../publish/apply.js';
import { indexEntryOf } from '../publish/index-document.js';
import { mirroredVersions } from '../publish/mirrored.js';
import { planned, wantedBytes, type PlannedObject, type WantedObject } from '../publish/planned.js';
import { clientDocuments, manifestObject, sumsObject } from '../publish/release-objects.js';
import { plannedDiscovery } from '../publish/signed.js';
import { nameOf, type Registry } from '../registry.js';
import type { Version } from '../version.js';
import { committedReleases, withdrawnVersions } from './committed.js';
import { lostRecords, remarkOnRebuilt, remarkOnRefused, remarkOnUnlisted } from './lost-records.js';
import { allLostZips, remarkOnZips } from './lost-zips.js';
import { readIndexLeniently, readMirror, written, type Read } from './read-shared.js';
import { unrecordedVersions } from './unrecorded-versions.js';

/** What a repair will write, in its order, and what it cannot bring back. */
export interface RepairPlan {
  readonly registry: Registry;
  readonly objects: readonly PlannedObject[];
  /** What people should know. */
  readonly remarks: readonly string[];
  /** Those of the remarks that ask for a person's act, without which the registry is not whole. */
  readonly open: readonly string[];
  /** The records that the documents are made of. */
  readonly committed: readonly ReleaseManifest[];
}

export interface RepairRequest extends OperationOptions {
  /** A version that was published, as somebody knows: where nothing else says so any more. */
  readonly published?: Version | undefined;
}

/**
 * What makes a registry again what its records say: documents that are missing or were changed, and the
 * index, whatever state that is in. The record of a version that is known to be published is made again, too, if
 * all else of the version agrees on it. Zips and signatures are not made again: a version that lost a zip is not
 * listed anew. One that was yanked stays out. Throws `verification-failed` or `not-found` when the record of
 * the version in `published` cannot be made.
 */
export async function planRepair(
  registry: Registry,
  request: RepairRequest = {},
): Promise<RepairPlan> {
  const { store, mirrorHosts = [] } = registry;
  const operation = { ...(request.signal && { signal: request.signal }) };
  // Before the records: who publishes writes the record first. What is listed now has one then, and what is
  // listed later makes the write of the index fail.
  const current = await readIndexLeniently(registry, operation);
  const mirrors: MirrorAsRead[] = [];
  for (const host of mirrorHosts) {
    mirrors.push({ host, current: await readMirror(registry, host, operation) });
  }
  const before = current.value;
  const isListed = (version: Version) =>
    before?.versions.some((each) => each.version === version) === true;
  const releases = await committedReleases(registry, operation);
  const withdrawn = new Set(await withdrawnVersions(registry, operation));
  const settled = new Set([...releases.map(({ version }) => version), ...withdrawn]);
  const { older, zips, own, unreadable } = await unrecordedVersions(registry, settled, operation);
  for (const { version, yanked } of releases) if (yanked !== undefined) withdrawn.add(version);

  const isMirrored = (version: Version) =>
    mirrors.some((mirror) => mirror.current.value?.includes(version) === true);
  const known = new Set([...own].filter((each) => isListed(each) || isMirrored(each)));
  const insisted = request.published;
  const isRecorded = (version: Version) => releases.some((each) => each.version === version);
  if (insisted !== undefined && !isRecorded(insisted)) known.add(insisted);
  const { rebuilt, refused } = await lostRecords(registry, known, { ...operation, insisted });
  const committed = [...releases, ...rebuilt].filter(({ version }) => !withdrawn.has(version));
  const recorded = new Set(rebuilt.map(({ version }) => version));
  const unrecorded = new Set([...own].filter((version) => !recorded.has(version)));

  const objects: PlannedObject[] = [await plannedDiscovery(store, operation)];
  for (const wanted of committed.flatMap((each) => documentsOf(each, mirrorHosts))) {
    objects.push(await forced(store, wanted, operation));
  }
  // Somebody who publishes meanwhile may write it first, and is not overwritten.
  objects.push(...rebuilt.map((each) => ({ ...manifestObject(each), act: 'create' as const })));
  const lost = await allLostZips(registry, { committed, older, zips }, operation);
  // One that is listed serves its other platforms; one that is not would lead to what is not there.
  const isVisible = ({ version }: { readonly version: Version }) =>
    !lost.has(version) || isListed(version);
  const visible = committed.filter(isVisible);
  const remade = new Set(older.map(({ version }) => version));
  const isKept = (version: Version) =>
    unrecorded.has(version) || (unreadable.has(version) && !remade.has(version));
  const listed = before?.versions.filter(({ version }) => isKept(version)) ?? [];
  const index: VersionIndex = {
    versions: [...older.filter(isVisible), ...listed, ...visible.map(indexEntryOf)],
    warnings: before?.warnings ?? [],
  };
  objects.push(written(indexObject(registry, index), current));
  for (const { host, current: mirror } of mirrors) {
    const kept = (mirror.value ?? [])
      .filter((version) => unrecorded.has(version))
      .map((version) => ({ version }));
    const mirrored = await mirroredVersions(registry, host, [...listed, ...kept], operation);
    const versions = new Set([...mirrored, ...visible.map(({ version }) => version)]);
    objects.push(written(mirrorObject(host, registry, [...versions]), mirror));
  }
  const isUnknown = (version: Version) => !isListed(version) && !refused.has(version);
  const unlisted = [...unrecorded]
    .filter(isUnknown)
    .map((version) => remarkOnUnlisted(registry, version));
  const foreign = [...unreadable].filter(([version]) => !own.has(version));
  const open = [
    ...[...lost].map(([version, gone]) => remarkOnZips(version, gone, isListed(version))),
    ...foreign.map(([version, what]) => remarkOnDocument(what, version, index)),
    ...[...refused].map(([version, reason]) => remarkOnRefused(registry, version, reason)),
    // Beside an index that is there they are mostly what somebody is about to publish.
    ...(before === undefined ? unlisted : []),
  ];
  const told = [
    ...current.remarks,
    ...rebuilt.map((each) => remarkOnRebuilt(each, withdrawn.has(each.version))),
    ...remarksOnTakenOut(withdrawn, before, index),
    ...(before === undefined ? [] : unlisted),
  ];
  return { registry, objects, remarks: [...told, ...open], open, committed };
}

interface MirrorAsRead {
  readonly host: string;
  readonly current: Read<readonly Version[]>;
}

/** Writes what was planned. Throws `contended` when somebody published meanwhile: then plan again. */
export async function applyRepair(
  { registry, objects, committed }: RepairPlan,
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
  await refuseOutdated(registry, committed, operation);
}

/** Who signed a version again meanwhile, or added platforms, wants other documents than were written. */
async function refuseOutdated(
  registry: Registry,
  committed: readonly ReleaseManifest[],
  operation: OperationOptions | undefined,
): Promise<void> {
  const before = new Map(committed.map((each) => [each.version, manifestObject(each).sha256]));
  for (const now of await committedReleases(registry, operation)) {
    const sha256 = before.get(now.version);
    if (sha256 === undefined || sha256 === manifestObject(now).sha256) continue;
    throw new TerraformRegistryError(
      'contended',
      `${nameOf(registry)}: the record of version ${now.version} was changed by somebody else meanwhile; run this again, for documents of it may be those of before`,
    );
  }
}

function remarksOnTakenOut(
  withdrawn: ReadonlySet<Version>,
  before: VersionIndex | undefined,
  after: VersionIndex,
): readonly string[] {
  const kept = new Set(after.versions.map(({ version }) => version));
  const out = before?.versions.filter(({ version }) => !kept.has(version)) ?? [];
  return out.map(({ version }) =>
    withdrawn.has(version)
      ? `version ${version} was yanked, and is taken out`
      : `version ${version} is listed, and there is neither a record nor a document of it; it is taken out`,
  );
}

/** Somebody else's document: it is not made again, and what it is of is not taken from anybody for it. */
function remarkOnDocument(what: string, version: Version, { versions }: VersionIndex): string {
  const fate = versions.some((each) => each.version === version)
    ? `version ${version} is listed and has no record, and ${what}; it stays listed`
    : `version ${version} has no record, and ${what}; it is not listed`;
  return `${fate}. Restore the object from its older versions`;
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
