import type { OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { cacheControl, contentType, keys } from '../documents/layout.js';
import { formatWithdrawal } from '../documents/withdrawal.js';
import { requireConditions, writeObject } from '../publish/apply.js';
import { indexDocument, mirrorDocument } from '../publish/index-document.js';
import { sharedEdit, type PlannedChange, type SharedEdit } from '../publish/planned-change.js';
import { planned, wantedBytes, type PlannedObject } from '../publish/planned.js';
import { manifestObject } from '../publish/release-objects.js';
import { recoveredIndex, recoveredMirror } from '../publish/recovered-index.js';
import type { SharedOptions } from '../publish/shared-document.js';
import {
  nameOf,
  readIndex,
  readManifest,
  readWithdrawal,
  readYank,
  type Registry,
} from '../registry.js';
import type { Version } from '../version.js';
import { warningOf, warningsWith } from './warnings.js';

export interface YankRequest {
  readonly version: Version;
  /** Shown to everybody who installs the provider. */
  readonly reason: string;
  /**
   * Takes the version out of the index, which breaks all whose lock file or constraint names it. Without,
   * it stays installable and a warning is shown.
   */
  readonly hard: boolean;
}

/** What a yank will change, and whom it breaks. */
export interface YankPlan extends YankRequest {
  readonly registry: Registry;
  /** Terraform shows it on init, whatever version is installed. */
  readonly warning: string;
  readonly consequences: readonly string[];
  /** What says that the version is withdrawn; nothing where it is not. */
  readonly objects: readonly PlannedObject[];
  /** The index, and those of mirrors. */
  readonly shared: readonly PlannedChange[];
}

/**
 * A version has one warning: another reason takes the place of the one before. Throws `not-found` for a version that
 * is neither listed nor recorded, and `conflict` where a withdrawn one would only be warned of.
 */
export async function planYank(
  registry: Registry,
  request: YankRequest,
  options?: OperationOptions,
): Promise<YankPlan> {
  const { version, reason, hard } = request;
  const { store, address } = registry;
  const refuse = (code: 'not-found' | 'conflict', what: string) =>
    new TerraformRegistryError(code, `${nameOf(registry)}: version ${version} ${what}`);
  const index = await readIndex(registry, options);
  if (index === undefined) {
    throw refuse(
      'not-found',
      'is not listed, because there is no index; if anything was published, run release:tf-repair first',
    );
  }
  const listed = index.value.versions.find((each) => each.version === version);
  const manifest = await readManifest(registry, version, options);
  const before =
    manifest === undefined
      ? await readWithdrawal(registry, version, options)
      : manifest.value.yanked;
  if (listed === undefined && manifest === undefined && before === undefined) {
    throw refuse('not-found', 'is not listed; check the version');
  }
  if (!hard && before !== undefined) {
    throw refuse(
      'conflict',
      `was withdrawn: ${before}; to correct the reason say --hard again, to bring it back --undo`,
    );
  }
  // In two places: a record may be lost, and made again from what is there.
  const wanted = [
    wantedBytes(keys.withdrawal(address, version), formatWithdrawal({ version, yanked: reason }), {
      contentType: contentType.json,
      cacheControl: cacheControl.never,
    }),
    ...(manifest === undefined ? [] : [manifestObject({ ...manifest.value, yanked: reason })]),
  ];
  const replaceable = () => true;
  const objects: PlannedObject[] = [];
  for (const object of hard ? wanted : []) {
    objects.push(await planned(store, object, { ...options, replaceable }));
  }
  const warning = warningOf(address, request);
  const shared: PlannedChange[] = [];
  for (const edit of editsOf({ registry, version, hard, warning }, options)) {
    shared.push(await edit.planned(options));
  }
  const consequences = hard
    ? [
        `"terraform init" fails for everybody whose lock file or constraint names ${version}, until they choose another version`,
        'its files stay, so that it can be brought back from them',
      ]
    : [`everybody who installs the provider, in any version, is shown: ${warning}`];
  return { ...request, registry, warning, consequences, objects, shared };
}

/**
 * Can be run again after it was interrupted. Throws `contended` when somebody changes the record meanwhile, or
 * brings the version back.
 */
export async function applyYank(plan: YankPlan, options: SharedOptions = {}): Promise<void> {
  const { registry, version, objects } = plan;
  await requireConditions(registry, options);
  // Recorded first, so that neither publishing nor repairing brings it back.
  for (const object of objects) await writeObject(registry.store, object, options);
  const operation = options.signal && { signal: options.signal };
  const guard = async () => {
    if (plan.hard && (await readYank(registry, version, operation)) === undefined) {
      throw broughtBack(registry, version);
    }
  };
  for (const edit of editsOf(plan, operation, guard)) await edit.applied(options);
}

function broughtBack(registry: Registry, version: Version): TerraformRegistryError {
  return new TerraformRegistryError(
    'contended',
    `${nameOf(registry)}: somebody has brought version ${version} back meanwhile; run this again to withdraw it all the same`,
  );
}

/** Of the shared documents, in their order. Each is changed only while the `guard` holds. */
function editsOf(
  { registry, version, hard, warning }: Pick<YankPlan, 'registry' | 'version' | 'hard' | 'warning'>,
  operation: OperationOptions | undefined,
  guard: () => Promise<void> = () => Promise.resolve(),
): readonly SharedEdit[] {
  const { store, address, mirrorHosts = [] } = registry;
  const index = sharedEdit(store, indexDocument(address), async (current) => {
    // After the document was read: who brings the version back removes the note first.
    await guard();
    const { versions, warnings } =
      current ?? (await recoveredIndex(registry, undefined, operation));
    return {
      versions: versions.filter((each) => !hard || each.version !== version),
      warnings: warningsWith(warnings, address, version, warning),
    };
  });
  const mirrors = mirrorHosts.map((host) =>
    sharedEdit(store, mirrorDocument(host, address), async (current) => {
      await guard();
      const versions = current ?? (await recoveredMirror(registry, host, operation));
      return versions.filter((each) => each !== version);
    }),
  );
  return hard ? [index, ...mirrors] : [index];
}
