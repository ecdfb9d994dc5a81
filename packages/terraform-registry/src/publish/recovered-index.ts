import type { OperationOptions } from '../content.js';
import { fileNames, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { sha256OfStored, type Registry } from '../registry.js';
import { committedReleases, withdrawnVersions } from '../repair/committed.js';
import { absentZips } from '../repair/lost-zips.js';
import { unrecordedVersions } from '../repair/unrecorded-versions.js';
import type { Version } from '../version.js';
import { indexEntryOf } from './index-document.js';
import { mirroredVersions } from './mirrored.js';
import { clientDocuments, signatureKey, sumsObject } from './release-objects.js';

/**
 * What an index that is not there must hold when it is written: every version that was committed and not
 * withdrawn, and those from before there were records. One with nothing in it but the version that is being
 * published would take all others from their users, and nobody would be told. Empty where there is no other
 * version than `published`, whose objects are not looked at. Throws `conflict` when something of another one
 * is missing, to which an index must not lead.
 */
export async function recoveredIndex(
  registry: Registry,
  published: Version | undefined,
  options?: OperationOptions,
): Promise<VersionIndex> {
  const releases = await committedReleases(registry, options);
  const visible = releases.filter(({ yanked }) => yanked === undefined);
  for (const release of visible) {
    if (release.version !== published) await requireComplete(registry, release, options);
  }
  const withdrawn = await withdrawnVersions(registry, options);
  const settled = new Set([...releases.map(({ version }) => version), ...withdrawn]);
  const { older, zips, unreadable } = await unrecordedVersions(registry, settled, options);
  const others = older.filter(({ version }) => version !== published);
  for (const { version } of others) {
    const [absent] = await absentZips(registry, zips.get(version) ?? [], options);
    if (absent !== undefined) {
      throw unlistable(registry, version, `${absent} is gone or another one`);
    }
  }
  for (const [version, what] of unreadable) {
    if (version !== published) throw unlistable(registry, version, what);
  }
  return { versions: [...others, ...visible.map(indexEntryOf)], warnings: [] };
}

/** The same for the index of a mirror: those that it has. */
export async function recoveredMirror(
  registry: Registry,
  host: string,
  options?: OperationOptions,
): Promise<readonly Version[]> {
  const releases = await committedReleases(registry, options);
  const visible = releases.filter(({ yanked }) => yanked === undefined);
  return mirroredVersions(registry, host, visible, options);
}

function unlistable(
  { store, address }: Registry,
  version: Version,
  what: string,
): TerraformRegistryError {
  return new TerraformRegistryError(
    'conflict',
    `${store.name}/${keys.index(address)}: is not there, and version ${version} cannot be listed in a new one: ${what}; run release:tf-repair first`,
  );
}

async function requireComplete(
  registry: Registry,
  release: ReleaseManifest,
  options: OperationOptions | undefined,
): Promise<void> {
  const { store, address } = registry;
  const refuse = (key: string) =>
    unlistable(registry, release.version, `${key} is gone or another one`);
  const { signature: sha256 } = release;
  const small = [sumsObject(release), ...clientDocuments(release, [])];
  for (const each of [...small, { key: signatureKey(release), sha256 }]) {
    const stored = await store.get(each.key, options);
    const found = stored && (await sha256OfStored(stored, options));
    if (found !== each.sha256) throw refuse(each.key);
  }
  for (const { platform, size } of release.packages) {
    const key = keys.file(address, release.version, fileNames.zip(release, platform));
    if ((await store.head(key, options))?.size !== size) throw refuse(key);
  }
}
