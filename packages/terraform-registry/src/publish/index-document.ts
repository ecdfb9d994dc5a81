import { TerraformRegistryError } from '../error.js';
import { advised, repairIt } from '../documents/advised.js';
import { keys, type ProviderAddress } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { formatMirrorIndex, parseMirrorIndex } from '../documents/mirror.js';
import {
  formatIndex,
  indexLimit,
  parseIndex,
  type IndexEntry,
  type VersionIndex,
} from '../documents/versions.js';
import { platformKey } from '../platform.js';
import type { Version } from '../version.js';
import type { SharedDocument } from './shared-document.js';

export function indexDocument(address: ProviderAddress): SharedDocument<VersionIndex> {
  const parse = advised(parseIndex, repairIt);
  return { key: keys.index(address), limit: indexLimit, parse, format: formatIndex };
}

export function mirrorDocument(
  host: string,
  address: ProviderAddress,
): SharedDocument<readonly Version[]> {
  return {
    key: keys.mirrorIndex(host, address),
    limit: indexLimit,
    parse: advised(parseMirrorIndex, repairIt),
    format: formatMirrorIndex,
  };
}

/** What the index says of a version. */
export function indexEntryOf({ version, protocols, packages }: ReleaseManifest): IndexEntry {
  return { version, protocols, platforms: packages.map(({ platform }) => platform) };
}

/**
 * The index with a version in it. What others put there stays. Throws `conflict` when the version is
 * there with platforms that it would lose.
 */
export function withVersion(current: VersionIndex, entry: IndexEntry, where: string): VersionIndex {
  const { versions, warnings } = current;
  const listed = versions.find(({ version }) => version === entry.version);
  const offered = new Set(entry.platforms.map(platformKey));
  const lost = listed?.platforms.map(platformKey).filter((each) => !offered.has(each)) ?? [];
  if (lost.length > 0) {
    throw new TerraformRegistryError(
      'conflict',
      `${where}: version ${entry.version} is listed for ${lost.join(', ')} too, which it would lose; publish all its platforms together`,
    );
  }
  const others = versions.filter(({ version }) => version !== entry.version);
  return { versions: [...others, entry], warnings };
}
