import type { OperationOptions } from '../content.js';
import { keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { IndexEntry, VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import {
  commitVersion,
  requireConditions,
  writeLeaves,
  type ApplyOptions,
} from '../publish/apply.js';
import { assembleCommitted } from '../publish/assemble.js';
import {
  indexDocument,
  indexEntryOf,
  mirrorDocument,
  withVersion,
} from '../publish/index-document.js';
import { mirroredVersions } from '../publish/mirrored.js';
import { refuseYanked } from '../publish/plan.js';
import { sharedEdit, type PlannedChange, type SharedEdit } from '../publish/planned-change.js';
import type { PlannedObject } from '../publish/planned.js';
import type { PublishPlan } from '../publish/publish-plan.js';
import { recoveredIndex } from '../publish/recovered-index.js';
import {
  nameOf,
  readIndex,
  readManifest,
  readWithdrawal,
  readYank,
  type Read,
  type Registry,
} from '../registry.js';
import type { Version } from '../version.js';
import { olderEntry } from './older-entry.js';
import { warningsWith } from './warnings.js';

/** What undoing a yank will change. */
export interface UnyankPlan {
  readonly registry: Registry;
  readonly version: Version;
  /** How a version with a record is listed again; absent where it is listed, or has none. */
  readonly listing?: PublishPlan | undefined;
  /** What is listed again of a version from before there were records. */
  readonly older?: IndexEntry | undefined;
  /** Why it was withdrawn, as the note says that is removed. */
  readonly withdrawal?: string | undefined;
  /** Those that are shown no longer. */
  readonly warnings: readonly string[];
  readonly objects: readonly PlannedObject[];
  readonly shared: readonly UnyankChange[];
}

interface UnyankChange {
  readonly key: string;
  readonly act: PlannedChange['act'] | 'delete';
}

/**
 * What takes the warning of a version away, and lists it again if it was withdrawn: by all that it was, which must
 * be there. Throws `not-found` for a version that is neither listed nor withdrawn, and `verification-failed` for
 * one that clients could not install any more. `at` is now, by which signatures must not be from the future.
 */
export async function planUnyank(
  registry: Registry,
  version: Version,
  { at, signal }: OperationOptions & { readonly at: Date },
): Promise<UnyankPlan> {
  const operation = signal && { signal };
  const { address } = registry;
  const index = await readIndex(registry, operation);
  const isListed = index?.value.versions.some((each) => each.version === version) === true;
  const manifest = await readManifest(registry, version, operation);
  const withdrawal = await readWithdrawal(registry, version, operation);
  if (manifest === undefined && withdrawal === undefined && !isListed) {
    throw new TerraformRegistryError(
      'not-found',
      `${nameOf(registry)}: version ${version} is not listed, and was not yanked; check the version, or run release:tf-repair, which lists what has documents`,
    );
  }
  const isGone =
    !isListed ||
    manifest?.value.yanked !== undefined ||
    withdrawal !== undefined ||
    (manifest !== undefined && (await isOutOfMirror(registry, version, operation)));
  const listing =
    isGone && manifest !== undefined ? await listingOf(registry, manifest, operation) : undefined;
  const older =
    isGone && manifest === undefined
      ? await olderEntry(registry, version, { at, ...operation })
      : undefined;
  const entry = listing === undefined ? older : indexEntryOf(listing.release);
  const note = { key: keys.withdrawal(address, version), act: 'delete' } as const;
  const edit = indexEdit(registry, version, { entry, operation });
  const warnings = index?.value.warnings ?? [];
  const kept = warningsWith(warnings, address, version);
  return {
    ...{ registry, version, listing, older, withdrawal },
    warnings: warnings.filter((each) => !kept.includes(each)),
    objects: listing === undefined ? [] : [...listing.stages.flat(), listing.record],
    shared: [
      ...(withdrawal === undefined ? [] : [note]),
      await edit.planned(operation),
      ...(listing?.shared.filter(({ key }) => key !== keys.index(address)) ?? []),
    ],
  };
}

/**
 * Can be run again after it was interrupted. Throws `conflict` or `contended` when somebody yanks the
 * version again meanwhile.
 */
export async function applyUnyank(plan: UnyankPlan, options: ApplyOptions): Promise<void> {
  const { registry, version, listing, older, withdrawal } = plan;
  const operation = options.signal && { signal: options.signal };
  await requireConditions(registry, options);
  // While clients would refuse it, it stays withdrawn.
  if (listing !== undefined) await writeLeaves(listing, options);
  // What would keep it from being listed goes before it is, as it was noted first.
  if (withdrawal !== undefined) {
    const now = await readWithdrawal(registry, version, operation);
    if (now !== undefined && now !== withdrawal) throw yankedMeanwhile(registry, version, now);
    await registry.store.delete(keys.withdrawal(registry.address, version), operation);
  }
  if (listing !== undefined) await commitVersion(listing, options);
  const guard = async () => {
    const yanked = await readYank(registry, version, operation);
    refuseYanked(registry, { version, ...(yanked !== undefined && { yanked }) });
  };
  await indexEdit(registry, version, { entry: older, operation, guard }).applied(options);
}

function yankedMeanwhile(
  registry: Registry,
  version: Version,
  reason: string,
): TerraformRegistryError {
  return new TerraformRegistryError(
    'contended',
    `${nameOf(registry)}: version ${version} was yanked meanwhile: ${reason}; if it is to be brought back all the same, run this again`,
  );
}

/** Whether a mirror has the document of a version and does not list it: an undoing that was killed left that. */
async function isOutOfMirror(
  registry: Registry,
  version: Version,
  operation: OperationOptions | undefined,
): Promise<boolean> {
  const { store, address, mirrorHosts = [] } = registry;
  for (const host of mirrorHosts) {
    const [mirrored] = await mirroredVersions(registry, host, [{ version }], operation);
    if (mirrored === undefined) continue;
    const edit = sharedEdit(store, mirrorDocument(host, address), (versions = []) => [
      ...new Set([...versions, version]),
    ]);
    if ((await edit.planned(operation)).act !== 'keep') return true;
  }
  return false;
}

/** The plan that lists it, which makes its record what it was. Throws what is missing of it. */
async function listingOf(
  registry: Registry,
  committed: Read<ReleaseManifest>,
  operation: OperationOptions | undefined,
): Promise<PublishPlan> {
  const { namespace, type, version, revision, protocols, keys: signers } = committed.value;
  const { signature, packages } = committed.value;
  // All of it but the yank.
  const release: ReleaseManifest = {
    namespace,
    type,
    version,
    revision,
    protocols,
    keys: signers,
    signature,
    packages,
  };
  try {
    return await assembleCommitted(registry, release, { ...operation, committed });
  } catch (cause) {
    if (!(cause instanceof TerraformRegistryError)) throw cause;
    throw new TerraformRegistryError(
      cause.code,
      `${nameOf(registry)}: version ${version} cannot be brought back: ${cause.message}`,
      { cause },
    );
  }
}

function indexEdit(
  registry: Registry,
  version: Version,
  {
    entry,
    operation,
    guard,
  }: {
    readonly entry: IndexEntry | undefined;
    readonly operation: OperationOptions | undefined;
    readonly guard?: () => Promise<void>;
  },
): SharedEdit {
  const { store, address } = registry;
  const where = `${store.name}/${keys.index(address)}`;
  return sharedEdit(store, indexDocument(address), async (current): Promise<VersionIndex> => {
    // After the index was read: a yank is noted before it takes the version out.
    await guard?.();
    const index = current ?? (await recoveredIndex(registry, version, operation));
    const listed = entry === undefined ? index : withVersion(index, entry, where);
    return { ...listed, warnings: warningsWith(index.warnings, address, version) };
  });
}
