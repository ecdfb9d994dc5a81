import type { Archive, ReleaseArchives } from '../archives/listing.js';
import type { OperationOptions } from '../content.js';
import { fileNames, keys } from '../documents/layout.js';
import type { Package, ReleaseManifest } from '../documents/manifest.js';
import type { Protocol } from '../documents/readers.js';
import { TerraformRegistryError } from '../error.js';
import { comparePlatforms, platformKey } from '../platform.js';
import { listed } from '../quoted.js';
import { nameOf, readManifest, type Read, type Registry } from '../registry.js';
import { sha256Of, type Sha256 } from '../sha256.js';
import type { Signer } from '../signing/signer.js';
import { inParallel } from './in-parallel.js';
import { planned, type PlannedObject, type WantedObject } from './planned.js';
import { plannedChanges, type PublishPlan } from './publish-plan.js';
import { clientDocuments, manifestObject, sumsObject } from './release-objects.js';
import { plannedDiscovery, plannedSignature, storedSignature } from './signed.js';
import { packArchive, type PackedArchive } from './zips.js';

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
  if (committed === undefined) return planAll(registry, request, archives.archives);
  const added = additionsTo(committed.value, registry, request);
  if (added.length === 0) return planCommitted(registry, request, committed.value);
  return planAll(registry, request, added, committed);
}

/** A version that is not there yet, or one that gets more platforms. */
async function planAll(
  registry: Registry,
  request: PublishRequest,
  archives: readonly Archive[],
  committed?: Read<ReleaseManifest>,
): Promise<PublishPlan> {
  const { signer, protocols, concurrency = 2 } = request;
  const packed = await inParallel(archives, concurrency, (archive) =>
    packArchive(archive, registry, request),
  );
  const unsigned = {
    ...registry.address,
    version: request.archives.version,
    revision: (committed?.value.revision ?? 0) + 1,
    protocols,
    keys: signer.keys,
    packages: packagesOf(packed, committed?.value),
  };
  const sums = await planned(registry.store, sumsObject(unsigned), request);
  const signature = await plannedSignature(registry, unsigned, signer, request);
  const release: ReleaseManifest = { ...unsigned, signature: signature.sha256 };
  const zips = packed.map(({ zip }) => zip);
  return finish(registry, request, release, { zips, sums, signature, committed });
}

/** A version that is complete; what makes it visible may still be missing. */
async function planCommitted(
  registry: Registry,
  request: PublishRequest,
  release: ReleaseManifest,
): Promise<PublishPlan> {
  const zips = await inParallel(release.packages, 4, (each) =>
    keptZip(registry, release, each, request),
  );
  const sums = await planned(registry.store, sumsObject(release), request);
  const signature = await storedSignature(registry, release, request);
  return finish(registry, request, release, { zips, sums, signature });
}

interface Parts {
  readonly zips: readonly PlannedObject[];
  readonly sums: PlannedObject;
  readonly signature: PlannedObject;
  readonly committed?: Read<ReleaseManifest> | undefined;
}

async function finish(
  registry: Registry,
  request: PublishRequest,
  release: ReleaseManifest,
  { zips, sums, signature, committed }: Parts,
): Promise<PublishPlan> {
  const hosts = registry.mirrorHosts ?? [];
  const before = committed === undefined ? [] : clientDocuments(committed.value, hosts);
  const replaceable = (sha256: Sha256) => before.some((each) => each.sha256 === sha256);
  const options = { ...request, replaceable };
  const documents = await inParallel(clientDocuments(release, hosts), 4, (wanted) =>
    planned(registry.store, wanted, options),
  );
  const discovery = await plannedDiscovery(registry.store, request);
  const replaced = committed && sha256Of(manifestObject(committed.value).body as Uint8Array);
  const record = await planned(registry.store, manifestObject(release), {
    ...request,
    replaceable: (sha256) => sha256 === replaced,
  });
  return {
    registry,
    release,
    stages: [zips, [sums], [signature], [...documents, discovery]],
    record,
    shared: await plannedChanges(registry, release, request),
    warnings: request.signer.warnings,
  };
}

function packagesOf(
  packed: readonly PackedArchive[],
  committed: ReleaseManifest | undefined,
): readonly Package[] {
  const all = [...(committed?.packages ?? []), ...packed.map((each) => each.package)];
  return all.sort((a, b) => comparePlatforms(a.platform, b.platform));
}

/** The archives that a committed version does not have. Throws `conflict` unless they may be added. */
function additionsTo(
  release: ReleaseManifest,
  registry: Registry,
  { archives, protocols, addPlatforms = false }: PublishRequest,
): readonly Archive[] {
  const where = `${nameOf(registry)}: version ${release.version}`;
  const refuse = (what: string) => new TerraformRegistryError('conflict', `${where} ${what}`);
  const offered = new Map(archives.archives.map((each) => [platformKey(each.name.platform), each]));
  for (const { platform, archive } of release.packages) {
    const found = offered.get(platformKey(platform));
    if (found === undefined) {
      throw refuse(
        `is published for ${platformKey(platform)}, of which ${archives.where} has no archive; put it back there`,
      );
    }
    if (found.sha256 !== archive) {
      throw refuse(
        `was made of an archive for ${platformKey(platform)} with the sha256 ${archive}, and ${archives.where} has one with ${found.sha256}; what is published never changes, so publish under a new version`,
      );
    }
    offered.delete(platformKey(platform));
  }
  if (release.protocols.join() !== protocols.join()) {
    throw refuse(
      `is published with the protocols ${listed(release.protocols)}, and would now have ${listed(protocols)}; publish under a new version`,
    );
  }
  if (offered.size > 0 && !addPlatforms) {
    throw refuse(
      `is published without ${listed([...offered.keys()])}; ask for the platforms to be added, or take their archives away`,
    );
  }
  return [...offered.values()];
}

async function keptZip(
  { store, address }: Registry,
  release: ReleaseManifest,
  { platform, size, sha256 }: Package,
  { signal }: OperationOptions,
): Promise<PlannedObject> {
  const key = keys.file(address, release.version, fileNames.zip(release, platform));
  const stored = await store.head(key, signal && { signal });
  if (stored?.size === size) {
    const kept: WantedObject = {
      key,
      size,
      sha256,
      contentType: '',
      cacheControl: '',
      body: { store, key },
    };
    return { ...kept, act: 'keep' };
  }
  throw new TerraformRegistryError(
    'verification-failed',
    `${store.name}/${key}: the version is published, and this zip of it is ${stored === undefined ? 'gone' : `of ${stored.size} bytes and not ${size}`}; restore the object, then run this again`,
  );
}
