import type { ObjectStore, StoredObject } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, fileNames, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import { requireConditions, writeObject, type PublishEvent } from '../publish/apply.js';
import type { PlannedObject, WantedObject } from '../publish/planned.js';
import { nameOf, sha256OfStored, type Registry } from '../registry.js';
import type { Sha256 } from '../sha256.js';
import type { Version } from '../version.js';
import { committedReleases, withdrawnVersions } from './committed.js';
import { unrecordedVersions, type ListedZip } from './unrecorded-versions.js';

/** Where zips are to be had that a registry lost: in another registry, or in any other store. */
export interface ZipSource {
  readonly store: ObjectStore;
  /** Under which key it has the zip that is under this one in the registry. */
  readonly keyOf: (key: string) => string;
  /** What that is, for people. Default: its name in the store. */
  readonly shown?: (key: string) => string;
}

/** What will be restored, and what cannot be. */
export interface RestorePlan {
  readonly registry: Registry;
  /** All zips that are asked for; those that are not as they were are created or replaced. */
  readonly objects: readonly PlannedObject[];
  /** Zips that are lost and that the source does not have either, each in a sentence. */
  readonly open: readonly string[];
}

export interface RestoreRequest extends OperationOptions {
  readonly from: ZipSource;
  /** Default: all versions that were not withdrawn. */
  readonly version?: Version | undefined;
}

/**
 * What makes the zips again what they were, from the same bytes elsewhere: those of a record, or where there is none,
 * of the documents that clients are led by. Reads every zip that is asked for, for one of the same size may be
 * another one. Nothing but these zips is written, and nothing in their place but what has their sha256. Throws
 * `not-found` for a version of which nothing says what its zips were.
 */
export async function planRestore(
  registry: Registry,
  { from, version, signal }: RestoreRequest,
): Promise<RestorePlan> {
  const operation = { ...(signal && { signal }) };
  const asked = await zipsAskedFor(registry, version, operation);
  const zips = new Map<string, Set<Sha256>>();
  for (const { key, sha256 } of asked.zips) {
    zips.set(key, (zips.get(key) ?? new Set()).add(sha256));
  }
  const found = await inParallel([...zips], 4, async ([key, [sha256, ...others]]) =>
    sha256 === undefined || others.length > 0
      ? `${key} has several sha256 in the documents of its version; restore the objects that are other ones from their older versions`
      : restored(registry, { key, sha256 }, from, operation),
  );
  return {
    registry,
    objects: found.filter((each) => typeof each !== 'string'),
    open: [...found.filter((each) => typeof each === 'string'), ...asked.open],
  };
}

/** Can be run again after it was interrupted. Throws `contended` when somebody changed a zip meanwhile. */
export async function applyRestore(
  { registry, objects }: RestorePlan,
  options: OperationOptions & { readonly onEvent?: (event: PublishEvent) => void } = {},
): Promise<void> {
  const { onEvent = () => undefined } = options;
  const lost = objects.filter(({ act }) => act !== 'keep');
  if (lost.length === 0) return;
  await requireConditions(registry, options);
  await inParallel(lost, 3, async (object) => {
    const kind = await writeObject(registry.store, object, options);
    onEvent({ kind, key: object.key, size: object.size });
  });
}

interface AskedFor {
  readonly zips: readonly ListedZip[];
  /** Documents that cannot be read, and alone would say what a zip was, each in a sentence. */
  readonly open: readonly string[];
}

async function zipsAskedFor(
  registry: Registry,
  version: Version | undefined,
  operation: OperationOptions,
): Promise<AskedFor> {
  const releases = await committedReleases(registry, operation);
  const recorded = new Set(releases.map((each) => each.version));
  const unrecorded = await unrecordedVersions(registry, recorded, operation);
  const all = new Map(unrecorded.zips);
  for (const release of releases) all.set(release.version, zipsOf(registry, release));
  const { unreadable } = unrecorded;
  const askedFor = (versions: readonly Version[]): AskedFor => ({
    zips: versions.flatMap((each) => all.get(each) ?? []),
    open: versions.flatMap((each) => {
      const what = unreadable.get(each);
      return what === undefined ? [] : [remarkOnUnreadable(each, what)];
    }),
  });
  if (version !== undefined) {
    if (all.has(version) || unreadable.has(version)) return askedFor([version]);
    throw new TerraformRegistryError(
      'not-found',
      `${nameOf(registry)}: version ${version} has neither a record nor documents, so nothing says what its zips were; check the version`,
    );
  }
  const withdrawn = new Set(await withdrawnVersions(registry, operation));
  for (const release of releases) {
    if (release.yanked !== undefined) withdrawn.add(release.version);
  }
  const known = new Set([...all.keys(), ...unreadable.keys()]);
  return askedFor([...known].filter((each) => !withdrawn.has(each)));
}

function remarkOnUnreadable(version: Version, what: string): string {
  return `version ${version} has no record, and ${what}, so nothing says what the zip was that it leads to; restore the object from its older versions`;
}

function zipsOf({ address }: Registry, release: ReleaseManifest): readonly ListedZip[] {
  return release.packages.map(({ platform, sha256 }) => {
    return { key: keys.file(address, release.version, fileNames.zip(release, platform)), sha256 };
  });
}

const elsewhere = 'name another place that has it, or restore the object from its older versions';

/** What is to be done about a zip; a sentence where nothing can be. */
async function restored(
  { store }: Registry,
  { key, sha256 }: ListedZip,
  from: ZipSource,
  operation: OperationOptions,
): Promise<PlannedObject | string> {
  const current = await store.get(key, operation);
  const size = current?.size ?? 0;
  const itsKey = from.keyOf(key);
  const wanted: WantedObject = {
    ...{ key, size, sha256 },
    ...{ contentType: contentType.zip, cacheControl: cacheControl.forever },
    body: { store: from.store, key: itsKey },
  };
  const isSame = async (object: StoredObject) =>
    (await sha256OfStored(object, operation)) === sha256;
  if (current !== undefined && (await isSame(current))) return { ...wanted, act: 'keep' };

  const what = `${key} is ${current === undefined ? 'gone' : 'another one'}`;
  // A document may lead to anything; what is not named as a zip could be an index.
  if (!key.endsWith('.zip')) return `${what}, and is not named as a zip; restore it by hand`;
  const place = from.shown?.(key) ?? `${from.store.name}/${itsKey}`;
  const other = await from.store.get(itsKey, operation);
  if (other === undefined) return `${what}, and ${place} is not there; ${elsewhere}`;
  if (!(await isSame(other))) {
    return `${what}, and ${place} is not the one with the sha256 ${sha256}; ${elsewhere}`;
  }
  return current === undefined
    ? { ...wanted, size: other.size, act: 'create' }
    : { ...wanted, size: other.size, act: 'replace', replaced: current.version };
}
