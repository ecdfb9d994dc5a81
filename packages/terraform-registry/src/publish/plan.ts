import type { Archive, ReleaseArchives } from '../archives/listing.js';
import { formatReleaseTag } from '../archives/name.js';
import type { OperationOptions } from '../content.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { Protocol } from '../documents/readers.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import { comparePlatforms, platformKey } from '../platform.js';
import { listed } from '../quoted.js';
import { nameOf, readManifest, readWithdrawal, type Read, type Registry } from '../registry.js';
import { h1OfArchive } from '../repack/repack.js';
import type { Signer } from '../signing/signer.js';
import type { Version } from '../version.js';
import { assemble, assembleCommitted } from './assemble.js';
import type { PublishPlan } from './publish-plan.js';
import { packArchive } from './zips.js';

export interface PublishRequest extends OperationOptions {
  readonly archives: ReleaseArchives;
  readonly signer: Signer;
  /** The protocols that the provider speaks. */
  readonly protocols: readonly Protocol[];
  /** An empty folder for the zips; it must stay until the plan was applied. */
  readonly scratchDirectory: string;
  /** Allows platforms that a published version does not have yet to be added to it. */
  readonly addPlatforms?: boolean;
  /** How many archives are repacked at once. */
  readonly concurrency?: number;
}

/**
 * What publishing the archives of a release will write. Reads the registry, repacks, signs, and compares
 * all with what is there; writes nothing but scratch files. What is there already with the same bytes is
 * kept, which is how an interrupted attempt goes on. Throws `conflict` for what is there with others.
 */
export async function planPublish(
  registry: Registry,
  request: PublishRequest,
): Promise<PublishPlan> {
  const { archives } = request;
  if (archives.type !== registry.address.type) {
    throw new TerraformRegistryError(
      'conflict',
      `${archives.where}: holds the provider ${archives.type}, and the registry is for ${registry.address.type}`,
    );
  }
  const committed = await readManifest(registry, archives.version, request);
  if (committed === undefined) {
    await refuseWithdrawn(registry, archives.version, request);
    return planPacked(registry, request, archives.archives);
  }
  refuseYanked(registry, committed.value);
  const added = await additionsTo(committed.value, registry, request);
  if (added.length > 0) return planPacked(registry, request, added, committed);
  return assembleCommitted(registry, committed.value, request);
}

/** Throws `conflict` for a version that was taken out of the index; what to do in its place may be said. */
export function refuseYanked(
  registry: Registry,
  { version, yanked }: Pick<ReleaseManifest, 'version' | 'yanked'>,
  advice = 'publish under a new version',
): void {
  if (yanked !== undefined) throw wasYanked(registry, version, yanked, advice);
}

/** The same for a version that has no record. */
export async function refuseWithdrawn(
  registry: Registry,
  version: Version,
  { signal }: OperationOptions,
): Promise<void> {
  const yanked = await readWithdrawal(registry, version, signal && { signal });
  refuseYanked(registry, { version, ...(yanked !== undefined && { yanked }) });
}

function wasYanked(
  registry: Registry,
  version: Version,
  yanked: string,
  advice: string,
): TerraformRegistryError {
  const tag = formatReleaseTag({ type: registry.address.type, version });
  return new TerraformRegistryError(
    'conflict',
    `${nameOf(registry)}: version ${version} was yanked: ${yanked}; ${advice}, or bring this one back with \`tf-yank --undo --tag ${tag}\``,
  );
}

/** A version that is not there yet, or one that gets more platforms. */
async function planPacked(
  registry: Registry,
  request: PublishRequest,
  archives: readonly Archive[],
  committed?: Read<ReleaseManifest>,
): Promise<PublishPlan> {
  const { signer, protocols, concurrency = 2 } = request;
  const packed = await inParallel(archives, concurrency, (archive) =>
    packArchive(archive, registry, request),
  );
  const packages = [...(committed?.value.packages ?? []), ...packed.map((each) => each.package)];
  const unsigned = {
    ...registry.address,
    version: request.archives.version,
    revision: (committed?.value.revision ?? 0) + 1,
    protocols,
    keys: signer.keys,
    packages: packages.sort((a, b) => comparePlatforms(a.platform, b.platform)),
  };
  const zips = packed.map(({ zip }) => zip);
  return assemble(registry, { unsigned, zips, signer, committed }, request);
}

/** The archives that a committed version does not have. Throws `conflict` unless they may be added. */
async function additionsTo(
  release: ReleaseManifest,
  registry: Registry,
  { archives, protocols, addPlatforms = false, signal }: PublishRequest,
): Promise<readonly Archive[]> {
  const refuse = (what: string) =>
    new TerraformRegistryError(
      'conflict',
      `${nameOf(registry)}: version ${release.version} ${what}`,
    );
  const offered = new Map(archives.archives.map((each) => [platformKey(each.name.platform), each]));
  for (const { platform, archive, h1 } of release.packages) {
    const key = platformKey(platform);
    const found = offered.get(key);
    if (found === undefined) {
      throw refuse(
        `is published for ${key}, of which ${archives.where} has no archive; put it back there`,
      );
    }
    if (archive === undefined && (await h1Of(found, signal && { signal })) !== h1) {
      throw refuse(
        `was made of an archive for ${key} with other files than the one in ${archives.where}; what is published never changes, so publish under a new version`,
      );
    }
    if (archive !== undefined && found.sha256 !== archive) {
      throw refuse(
        `was made of an archive for ${key} with the sha256 ${archive}, and ${archives.where} has one with ${found.sha256}; what is published never changes, so publish under a new version`,
      );
    }
    offered.delete(key);
  }
  if (release.protocols.join() !== protocols.join()) {
    throw refuse(
      `is published with the protocols ${listed(release.protocols)}, and would now have ${listed(protocols)}; publish under a new version`,
    );
  }
  if (offered.size > 0 && !addPlatforms) {
    throw refuse(
      `is published without ${listed([...offered.keys()])}; ask for the platforms to be added (--add-platforms), or take their archives away`,
    );
  }
  return [...offered.values()];
}

/** What an archive holds: a package is known by it whose archive nobody wrote down. */
function h1Of(archive: Archive, options?: OperationOptions): Promise<string> {
  return h1OfArchive({ ...archive, content: archive.open(options) }, options);
}
