import type { Version as ObjectVersion } from '@teleport-plugins/object-store';

import { formatReleaseTag } from '../archives/name.js';
import type { OperationOptions } from '../content.js';
import { downloadLimit, parseDownload } from '../documents/download.js';
import { fileNames, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { planned } from '../publish/planned.js';
import { clientDocuments } from '../publish/release-objects.js';
import { nameOf, readIndex, readManifest, readWithdrawal, type Registry } from '../registry.js';
import { storeReader, type RegistryReader } from '../verify/reader.js';
import type { Version } from '../version.js';
import { ownZipOf } from './own-zip.js';

/** What an attempt that was never completed left, and no client can be led to. */
export interface DiscardPlan {
  readonly registry: Registry;
  readonly version: Version;
  readonly keys: readonly string[];
  /** The record as it was read; absent where the version has none. */
  readonly record: ObjectVersion | undefined;
}

/**
 * What is there of a version and belongs to nothing that was committed. For a version that is complete
 * that is what an attempt to add platforms left. Throws `conflict` for a version without a record that the index
 * lists, or that clients could have installed: an index that was lost, and made again, does not list it either.
 */
export async function planDiscard(
  registry: Registry,
  version: Version,
  options: OperationOptions = {},
): Promise<DiscardPlan> {
  const { store, address, mirrorHosts = [] } = registry;
  const operation = options.signal && { signal: options.signal };
  const record = await readManifest(registry, version, operation);
  const manifest = record?.value;
  const index = await readIndex(registry, operation);
  const isListed = index?.value.versions.some((each) => each.version === version) ?? false;
  if (isListed && manifest === undefined) {
    throw new TerraformRegistryError(
      'conflict',
      `${nameOf(registry)}: version ${version} is listed, though there is no record of it; nothing of it is discarded. Run tf-repair, which makes its record again`,
    );
  }
  const yanked = await readWithdrawal(registry, version, operation);
  if (manifest === undefined && yanked !== undefined) {
    throw new TerraformRegistryError(
      'conflict',
      `${nameOf(registry)}: version ${version} was yanked: ${yanked}; its files are what it can be brought back from, and nothing of it is discarded`,
    );
  }
  if (manifest === undefined) await refuseInstallable(registry, version, operation);
  else await requireIntact(registry, manifest, options);
  const isKept = keptOf(manifest, mirrorHosts);
  const found: string[] = [];
  const prefixes = [
    keys.file(address, version, ''),
    `${keys.index(address).replace(/versions$/, '')}${version}/`,
    ...mirrorHosts.map((host) => keys.mirrorVersion(host, address, version)),
  ];
  for (const prefix of prefixes) {
    for await (const { key } of store.list(prefix, operation)) if (!isKept(key)) found.push(key);
  }
  return { registry, version, keys: found, record: record?.objectVersion };
}

/** What has a document that leads to a zip is taken for published, whether it is listed now or not. */
async function refuseInstallable(
  registry: Registry,
  version: Version,
  options: OperationOptions | undefined,
): Promise<void> {
  const { store, address, mirrorHosts } = registry;
  const reader = storeReader(store, mirrorHosts);
  const refuse = (what: string) =>
    new TerraformRegistryError('conflict', `${nameOf(registry)}: version ${version} ${what}`);
  for await (const { key } of store.list(keys.downloads(address, version), options)) {
    const bytes = await (await store.get(key, options))?.bytes(downloadLimit, options);
    const zip = bytes && writtenZipOf(bytes, key, reader);
    if (zip === undefined) {
      throw refuse(
        `has ${key}, which this release system did not write; nothing of it is discarded. Run tf-repair, which lists what was published before there were records, or delete the object by hand if it was not`,
      );
    }
    if ((await store.head(zip, options)) === undefined) continue;
    const tag = formatReleaseTag({ type: address.type, version });
    throw refuse(
      `has no record, and documents that lead to zips (${key}), by which clients may have installed it; nothing of it is discarded. \`tf-repair --published --tag ${tag}\` makes its record again where it was published, and tf-stage or tf-release for its tag completes what was not`,
    );
  }
}

/** The key of the zip that a document of this release system leads to; absent where it is not one. */
function writtenZipOf(bytes: Uint8Array, key: string, reader: RegistryReader): string | undefined {
  try {
    const document = parseDownload(bytes, key);
    return document.packages === undefined ? undefined : ownZipOf(document, key, reader);
  } catch (error) {
    if (error instanceof TerraformRegistryError) return undefined;
    throw error;
  }
}

/**
 * The documents first, and the files that they lead to after. Throws `contended` when somebody completes the
 * version meanwhile: who does so writes the record before the version is listed, so it is looked for before
 * each object.
 */
export async function applyDiscard(
  { registry, version, keys: found, record }: DiscardPlan,
  { signal }: OperationOptions = {},
): Promise<void> {
  const operation = signal && { signal };
  const { store, address } = registry;
  for (const key of [...found].sort()) {
    const now = await store.head(keys.manifest(address, version), operation);
    if (now?.version !== record) throw completedMeanwhile(registry, version);
    await store.delete(key, operation);
  }
}

function completedMeanwhile(registry: Registry, version: Version): TerraformRegistryError {
  return new TerraformRegistryError(
    'contended',
    `${nameOf(registry)}: somebody has completed version ${version} meanwhile; the rest of it was left alone. Run tf-repair, which writes documents again that are missing`,
  );
}

/** A document of an interrupted attempt leads to what would be discarded. */
async function requireIntact(
  registry: Registry,
  release: ReleaseManifest,
  { signal }: OperationOptions,
): Promise<void> {
  const options = { replaceable: () => true, ...(signal && { signal }) };
  for (const wanted of clientDocuments(release, registry.mirrorHosts ?? [])) {
    const { act, key } = await planned(registry.store, wanted, options);
    if (act === 'keep') continue;
    throw new TerraformRegistryError(
      'conflict',
      `${registry.store.name}/${key}: is not what was committed; run tf-repair before anything is discarded`,
    );
  }
}

/** Whether an object belongs to what was committed, in this revision or an earlier one. */
function keptOf(
  manifest: ReleaseManifest | undefined,
  mirrorHosts: readonly string[],
): (key: string) => boolean {
  if (manifest === undefined) return () => false;
  const file = (name: string) => keys.file(manifest, manifest.version, name);
  const exact = new Set([
    ...manifest.packages.map(({ platform }) => file(fileNames.zip(manifest, platform))),
    ...clientDocuments(manifest, mirrorHosts).map(({ key }) => key),
  ]);
  const sums = Array.from({ length: manifest.revision }, (_, index) =>
    file(fileNames.sums(manifest, index + 1)),
  );
  return (key) => exact.has(key) || sums.some((each) => key === each || key.startsWith(`${each}.`));
}
