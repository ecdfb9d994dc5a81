import { comparePlatforms, platformKey, type NamedPlatform } from '../platform.js';
import { compareVersions, type Version } from '../version.js';
import {
  formatJson,
  invalid,
  listOf,
  member,
  objectOf,
  optional,
  parseJson,
  refuseUnknown,
  stringOf,
  type Reader,
} from './json.js';
import { namedPlatform, versionOf } from './readers.js';

/** A version as the index lists it. */
export interface IndexEntry {
  readonly version: Version;
  /** Others may have written anything: clients go by those of the download documents. */
  readonly protocols: readonly string[];
  /** None at all, too, in what others wrote: clients look for the download document of theirs. */
  readonly platforms: readonly NamedPlatform[];
}

/** The document `versions`, which says what there is: the one that several publishers share. */
export interface VersionIndex {
  /** In the order of precedence, each version once. */
  readonly versions: readonly IndexEntry[];
  /** Terraform shows them on init. */
  readonly warnings: readonly string[];
}

/** The largest index that is read: some twenty thousand versions. */
export const indexLimit = 8 * 1024 * 1024;

export function formatIndex({ versions, warnings }: VersionIndex): Buffer {
  const sorted = [...versions].sort((a, b) => compareVersions(a.version, b.version));
  return formatJson({
    versions: sorted.map(({ version, protocols, platforms }) => ({
      version,
      protocols,
      platforms: [...platforms].sort(comparePlatforms).map(({ os, arch }) => ({ os, arch })),
    })),
    ...(warnings.length > 0 && { warnings }),
  });
}

/** Throws `document-invalid`, also for members that are not known: writing the index again would lose them. */
export function parseIndex(bytes: Uint8Array, where: string): VersionIndex {
  const document = parseJson(bytes, where);
  refuseUnknown(document, ['id', 'versions', 'warnings'], where);
  const versions = member(document, 'versions', listOf(entryOf), where);
  refuseTwice(
    versions.map(({ version }) => version),
    where,
  );
  const warnings = optional(document, 'warnings', listOf(stringOf), where) ?? [];
  return {
    versions: [...versions].sort((a, b) => compareVersions(a.version, b.version)),
    warnings,
  };
}

/** What Terraform takes is taken, so that no entry of others is in the way of a new version. */
const entryOf: Reader<IndexEntry> = (value, place) => {
  const object = objectOf(value, place);
  const version = member(object, 'version', versionOf, place);
  const where = `${place}: version ${version}`;
  refuseUnknown(object, ['version', 'protocols', 'platforms'], where);
  const protocols = optional(object, 'protocols', listOf(stringOf), where) ?? [];
  const platforms = optional(object, 'platforms', listOf(namedPlatform), where) ?? [];
  refuseTwice(platforms.map(platformKey), where);
  return { version, protocols, platforms: [...platforms].sort(comparePlatforms) };
};

function refuseTwice(names: readonly string[], where: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(where, `${twice} is there twice`);
}
