import type { OperationOptions } from '../content.js';
import { fileNames, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { VersionIndex } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { sha256OfStored, type Registry } from '../registry.js';
import { committedReleases } from '../repair/committed.js';
import { olderVersions } from '../repair/older-versions.js';
import type { Version } from '../version.js';
import { indexEntryOf } from './index-document.js';
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
  const recorded = new Set(releases.map(({ version }) => version));
  const older = await olderVersions(registry, recorded, options);
  const others = older.filter(({ version }) => version !== published);
  return { versions: [...others, ...visible.map(indexEntryOf)], warnings: [] };
}

/** The same for a mirror, which may have been declared after versions were published: those that it has. */
export async function recoveredMirror(
  registry: Registry,
  host: string,
  options?: OperationOptions,
): Promise<readonly Version[]> {
  const { store, address } = registry;
  const found: Version[] = [];
  for (const { version, yanked } of await committedReleases(registry, options)) {
    if (yanked !== undefined) continue;
    const document = await store.head(keys.mirrorVersion(host, address, version), options);
    if (document !== undefined) found.push(version);
  }
  return found;
}

async function requireComplete(
  { store, address }: Registry,
  release: ReleaseManifest,
  options: OperationOptions | undefined,
): Promise<void> {
  const refuse = (key: string) =>
    new TerraformRegistryError(
      'conflict',
      `${store.name}/${keys.index(address)}: is not there, and version ${release.version} cannot be listed in a new one: ${key} is gone or another one; run release:tf-repair first`,
    );
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
