import type { OperationOptions } from '../content.js';
import { downloadLimit, parseDownload } from '../documents/download.js';
import { registryBase } from '../documents/layout.js';
import type { Protocol } from '../documents/readers.js';
import type { IndexEntry } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import type { Platform } from '../platform.js';
import type { Registry } from '../registry.js';
import { isVersion, type Version } from '../version.js';

/** Versions that have documents, no record, and were not withdrawn. */
export interface UnrecordedVersions {
  /** Those that were published before there were records. */
  readonly older: readonly IndexEntry[];
  /** Those of this release system: attempts that were never completed, or versions whose record was lost. */
  readonly own: ReadonlySet<Version>;
}

/**
 * `settled` are those that have a record or were withdrawn. A document of this release system is told by its
 * packages, which nobody else wrote.
 */
export async function unrecordedVersions(
  { store, address: { namespace, type } }: Registry,
  settled: ReadonlySet<Version>,
  options?: OperationOptions,
): Promise<UnrecordedVersions> {
  const prefix = `${registryBase.slice(1)}${namespace}/${type}/`;
  const found = new Map<Version, { protocols: readonly Protocol[]; platforms: Platform[] }>();
  const own = new Set<Version>();
  for await (const { key } of store.list(prefix, options)) {
    const [version = '', word] = key.slice(prefix.length).split('/');
    if (word !== 'download' || !isVersion(version) || settled.has(version)) continue;
    const bytes = await (await store.get(key, options))?.bytes(downloadLimit, options);
    const document = bytes && readable(bytes, `${store.name}/${key}`);
    if (document === undefined) continue;
    if (document.packages !== undefined) {
      own.add(version);
      continue;
    }
    const { protocols, platform } = document;
    const entry = found.get(version) ?? { protocols, platforms: [] };
    entry.platforms.push(platform);
    found.set(version, entry);
  }
  return { older: [...found].map(([version, entry]) => ({ version, ...entry })), own };
}

function readable(bytes: Uint8Array, where: string) {
  try {
    return parseDownload(bytes, where);
  } catch (error) {
    if (error instanceof TerraformRegistryError) return undefined;
    throw error;
  }
}
