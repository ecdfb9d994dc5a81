import type { ReleaseArchives } from '../archives/listing.js';
import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, fileNames, keys } from '../documents/layout.js';
import type { Package, ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import { platformKey } from '../platform.js';
import { assemble, assembleCommitted } from '../publish/assemble.js';
import { refuseWithdrawn, refuseYanked } from '../publish/plan.js';
import { planned, type PlannedObject, type WantedObject } from '../publish/planned.js';
import type { PublishPlan } from '../publish/publish-plan.js';
import { nameOf, readManifest, requireManifest, type Registry } from '../registry.js';
import type { Signer } from '../signing/signer.js';
import { proveStaged } from './proof.js';

export interface PromotionRequest extends OperationOptions {
  /** The archives under the tag, which the staged version must be made of. */
  readonly archives: ReleaseArchives;
  /** The key of production. */
  readonly signer: Signer;
  /** Now, by which nothing that is staged may be signed in the future. */
  readonly at: Date;
  /** Allows platforms that production does not have yet to be added to a version that it has. */
  readonly addPlatforms?: boolean;
}

/**
 * What publishing a staged version in production will write: the same zips, copied, under a signature of
 * production's key. That staging has what the archives of the tag hold is proven from the bytes, before
 * anything is planned. The plan is applied as any other. Throws `not-found` for what is not staged,
 * `verification-failed` for what does not hold, `conflict` for what production has differently.
 */
export async function planPromotion(
  staging: Registry,
  production: Registry,
  request: PromotionRequest,
): Promise<PublishPlan> {
  const { archives, signer, addPlatforms = false } = request;
  const { value: staged } = await requireManifest(
    staging,
    archives.version,
    'run tf-stage first',
    request,
  );
  refuseYanked(staging, staged);
  await proveStaged(staging, staged, archives, request);
  const committed = await readManifest(production, archives.version, request);
  if (committed === undefined) await refuseWithdrawn(production, archives.version, request);
  else {
    refuseYanked(production, committed.value);
    const added = missingIn(committed.value, staged, production, staging);
    if (added.length === 0) return assembleCommitted(production, committed.value, request);
    if (!addPlatforms) {
      throw new TerraformRegistryError(
        'conflict',
        `${nameOf(production)}: version ${staged.version} is published without ${added.join(', ')}, which ${nameOf(staging)} has; ask for the platforms to be added (--add-platforms)`,
      );
    }
  }
  const unsigned = {
    ...production.address,
    version: staged.version,
    revision: (committed?.value.revision ?? 0) + 1,
    protocols: staged.protocols,
    keys: signer.keys,
    packages: staged.packages.map((each) => ({ ...each, ...archiveOf(each, archives) })),
  };
  const zips = await inParallel(staged.packages, 4, (each) =>
    copiedZip(staging, production, staged, each, request),
  );
  return assemble(production, { unsigned, zips, signer, committed }, request);
}

/** What a package is proven to be made of: a staged record that was made again does not say it. */
function archiveOf({ platform }: Package, { archives }: ReleaseArchives): Pick<Package, 'archive'> {
  const key = platformKey(platform);
  const found = archives.find(({ name }) => platformKey(name.platform) === key);
  return found === undefined ? {} : { archive: found.sha256 };
}

/** The platforms that are staged and not published. Throws `conflict` where one differs. */
function missingIn(
  published: ReleaseManifest,
  staged: ReleaseManifest,
  production: Registry,
  staging: Registry,
): readonly string[] {
  const refuse = (what: string) =>
    new TerraformRegistryError(
      'conflict',
      `${nameOf(production)}: version ${staged.version} is published ${what}; what is published never changes, so publish under a new version`,
    );
  if (published.protocols.join() !== staged.protocols.join()) {
    throw refuse(`with other protocols than ${nameOf(staging)} has`);
  }
  const zips = new Map(staged.packages.map((each) => [platformKey(each.platform), each.sha256]));
  for (const { platform, sha256 } of published.packages) {
    const key = platformKey(platform);
    const found = zips.get(key);
    if (found !== sha256) {
      throw refuse(
        `for ${key} with the sha256 ${sha256}, and ${nameOf(staging)} has ${found ?? 'none'}`,
      );
    }
    zips.delete(key);
  }
  return [...zips.keys()];
}

function copiedZip(
  staging: Registry,
  production: Registry,
  { version }: ReleaseManifest,
  { platform, size, sha256 }: Package,
  options: OperationOptions,
): Promise<PlannedObject> {
  const file = (registry: Registry) =>
    keys.file(
      registry.address,
      version,
      fileNames.zip({ type: registry.address.type, version }, platform),
    );
  const wanted: WantedObject = {
    key: file(production),
    size,
    sha256,
    contentType: contentType.zip,
    cacheControl: cacheControl.forever,
    body: { store: staging.store, key: file(staging) },
  };
  return planned(production.store, wanted, options.signal && { signal: options.signal });
}
