import type { OperationOptions } from '../content.js';
import { fileNames, keys } from '../documents/layout.js';
import type { Package, ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import type { Read, Registry } from '../registry.js';
import { sha256Of, type Sha256 } from '../sha256.js';
import type { Signer } from '../signing/signer.js';
import { planned, restoring, type PlannedObject, type WantedObject } from './planned.js';
import { plannedChanges, type PublishPlan } from './publish-plan.js';
import { clientDocuments, manifestObject, sumsObject } from './release-objects.js';
import { plannedDiscovery, plannedSignature, storedSignature } from './signed.js';

/** A release whose zips are known, and are planned. */
export interface Assembly {
  readonly unsigned: Omit<ReleaseManifest, 'signature'>;
  readonly zips: readonly PlannedObject[];
  readonly signer: Signer;
  /** What is published of this version, and becomes this one. */
  readonly committed?: Read<ReleaseManifest> | undefined;
}

/** The plan of a release that is to be signed. Throws `conflict` where other bytes are. */
export async function assemble(
  registry: Registry,
  { unsigned, zips, signer, committed }: Assembly,
  options: OperationOptions,
): Promise<PublishPlan> {
  const sums = await planned(registry.store, sumsObject(unsigned), options);
  const isPublished = committed?.value.revision === unsigned.revision;
  const signature = await plannedSignature(registry, unsigned, signer, { ...options, isPublished });
  const release: ReleaseManifest = { ...unsigned, signature: signature.sha256 };
  const parts = { zips, sums, signature, committed, warnings: signer.warnings };
  return finish(registry, release, parts, options);
}

/** The plan of a version that is complete; what makes it visible may still be missing. `committed` is a record that it replaces. */
export async function assembleCommitted(
  registry: Registry,
  release: ReleaseManifest,
  options: OperationOptions & { readonly committed?: Read<ReleaseManifest> },
): Promise<PublishPlan> {
  const { committed } = options;
  const zips = await keptZips(registry, release, options);
  const sums = await planned(registry.store, sumsObject(release), options);
  const signature = await storedSignature(registry, release, options);
  return finish(registry, release, { zips, sums, signature, committed, warnings: [] }, options);
}

/** The zips of a version that is published, which must be there. Throws `verification-failed`. */
export function keptZips(
  registry: Registry,
  release: ReleaseManifest,
  options: OperationOptions,
): Promise<readonly PlannedObject[]> {
  return inParallel(release.packages, 4, (each) => keptZip(registry, release, each, options));
}

interface Parts {
  readonly zips: readonly PlannedObject[];
  readonly sums: PlannedObject;
  readonly signature: PlannedObject;
  readonly committed?: Read<ReleaseManifest> | undefined;
  readonly warnings: readonly string[];
}

async function finish(
  registry: Registry,
  release: ReleaseManifest,
  { zips, sums, signature, committed, warnings }: Parts,
  { signal }: OperationOptions,
): Promise<PublishPlan> {
  const options = { ...(signal && { signal }) };
  const hosts = registry.mirrorHosts ?? [];
  const before = committed === undefined ? [] : clientDocuments(committed.value, hosts);
  const replaceable = (sha256: Sha256) => before.some((each) => each.sha256 === sha256);
  const documents = await inParallel(clientDocuments(release, hosts), 4, (wanted) =>
    planned(registry.store, wanted, { ...options, replaceable }),
  );
  const discovery = await plannedDiscovery(registry.store, options);
  const replaced = committed && sha256Of(manifestObject(committed.value).body as Uint8Array);
  const record = await planned(registry.store, manifestObject(release), {
    ...options,
    replaceable: (sha256) => sha256 === replaced,
  });
  const changes = await plannedChanges(registry, release, options);
  return {
    registry,
    release,
    stages: [zips, [sums], [signature], [...documents, discovery]],
    record,
    shared: changes.shared,
    warnings: [...warnings, ...changes.warnings],
  };
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
    const labels = { contentType: stored.contentType ?? '', cacheControl: '' };
    const kept: WantedObject = { key, size, sha256, ...labels, body: { store, key } };
    return { ...kept, act: 'keep' };
  }
  const what = stored === undefined ? 'gone' : `of ${stored.size} bytes and not ${size}`;
  throw new TerraformRegistryError(
    'verification-failed',
    `${store.name}/${key}: the version is published, and this zip of it is ${what}; ${restoring(key)}; then run this again`,
  );
}
