import type { OperationOptions } from '../content.js';
import { advised, restoreIt } from '../documents/advised.js';
import { keys } from '../documents/layout.js';
import { manifestLimit, parseManifest, type ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { readWithdrawal, type Registry } from '../registry.js';
import { compareVersions, isVersion, type Version } from '../version.js';

/** The records of all versions that were committed, by precedence; yanked as `readManifest` has it. */
export async function committedReleases(
  registry: Registry,
  options?: OperationOptions,
): Promise<readonly ReleaseManifest[]> {
  const { store, address } = registry;
  const found: ReleaseManifest[] = [];
  const withdrawn = await withdrawnVersions(registry, options);
  for await (const { key } of store.list(keys.manifests(address), options)) {
    if (key.startsWith(keys.withdrawals(address))) continue;
    const stored = await store.get(key, options);
    if (stored === undefined) continue;
    const where = `${store.name}/${key}`;
    const parse = advised(parseManifest, restoreIt);
    const manifest = parse(await stored.bytes(manifestLimit, options), where);
    if (keys.manifest(address, manifest.version) !== key) {
      throw new TerraformRegistryError(
        'document-invalid',
        `${where}: is the record of ${manifest.version}; restore the object that belongs here`,
      );
    }
    const yanked = withdrawn.has(manifest.version)
      ? (manifest.yanked ?? (await readWithdrawal(registry, manifest.version, options)))
      : manifest.yanked;
    found.push({ ...manifest, ...(yanked !== undefined && { yanked }) });
  }
  return found.sort((a, b) => compareVersions(a.version, b.version));
}

/** The versions that were taken out of the index. */
export async function withdrawnVersions(
  { store, address }: Registry,
  options?: OperationOptions,
): Promise<ReadonlySet<Version>> {
  const found = new Set<Version>();
  const prefix = keys.withdrawals(address);
  for await (const { key } of store.list(prefix, options)) {
    const version = key.slice(prefix.length).replace(/\.json$/, '');
    if (isVersion(version)) found.add(version);
  }
  return found;
}
