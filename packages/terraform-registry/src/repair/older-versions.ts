import type { OperationOptions } from '../content.js';
import { downloadLimit, parseDownload } from '../documents/download.js';
import { registryBase } from '../documents/layout.js';
import type { Protocol } from '../documents/readers.js';
import type { IndexEntry } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import type { Platform } from '../platform.js';
import type { Registry } from '../registry.js';
import { isVersion, type Version } from '../version.js';

/**
 * Versions that have documents and no record: those that were published before there were any. A
 * document of this release system without a record is what an attempt that was never completed left, and
 * is told by its packages, which nobody else wrote.
 */
export async function olderVersions(
  { store, address: { namespace, type } }: Registry,
  recorded: ReadonlySet<Version>,
  options?: OperationOptions,
): Promise<readonly IndexEntry[]> {
  const prefix = `${registryBase.slice(1)}${namespace}/${type}/`;
  const found = new Map<Version, { protocols: readonly Protocol[]; platforms: Platform[] }>();
  for await (const { key } of store.list(prefix, options)) {
    const [version = '', word] = key.slice(prefix.length).split('/');
    if (word !== 'download' || !isVersion(version) || recorded.has(version)) continue;
    const bytes = await (await store.get(key, options))?.bytes(downloadLimit, options);
    const document = bytes && readable(bytes, `${store.name}/${key}`);
    if (document === undefined || document.packages !== undefined) continue;
    const { protocols, platform } = document;
    const entry = found.get(version) ?? { protocols, platforms: [] };
    entry.platforms.push(platform);
    found.set(version, entry);
  }
  return [...found].map(([version, entry]) => ({ version, ...entry }));
}

function readable(bytes: Uint8Array, where: string) {
  try {
    return parseDownload(bytes, where);
  } catch (error) {
    if (error instanceof TerraformRegistryError) return undefined;
    throw error;
  }
}
