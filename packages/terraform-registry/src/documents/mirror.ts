import { platformKey } from '../platform.js';
import { compareVersions, type Version } from '../version.js';
import { hashesOf, packageHash, type PackageHash } from './download.js';
import { formatJson, listOf, member, objectOf, parseJson, stringOf, type Reader } from './json.js';
import { fileNames, keys, relativeUrl } from './layout.js';
import type { ReleaseManifest } from './manifest.js';
import { platformText, versionOf } from './readers.js';

/** The versions that a network mirror has of a provider. https://developer.hashicorp.com/terraform/internals/provider-network-mirror-protocol */
export function formatMirrorIndex(versions: readonly Version[]): Buffer {
  const sorted = [...versions].sort(compareVersions);
  return formatJson({ versions: Object.fromEntries(sorted.map((version) => [version, {}])) });
}

/** In the order of precedence. Throws `document-invalid`. */
export function parseMirrorIndex(bytes: Uint8Array, where: string): readonly Version[] {
  const versions = member(parseJson(bytes, where), 'versions', objectOf, where);
  return Object.keys(versions)
    .map((version) => versionOf(version, where))
    .sort(compareVersions);
}

/** The archives of a version; the zips are those of the registry itself. */
export function formatMirrorVersion(host: string, release: ReleaseManifest): Uint8Array {
  const from = keys.mirrorVersion(host, release, release.version);
  return formatJson({
    archives: Object.fromEntries(
      release.packages.map((each) => {
        const zip = keys.file(release, release.version, fileNames.zip(release, each.platform));
        const archive = { url: relativeUrl(from, zip), hashes: hashesOf(each) };
        return [platformKey(each.platform), archive];
      }),
    ),
  });
}

export interface MirrorArchive {
  readonly url: string;
  readonly hashes: readonly PackageHash[];
}

/** By platform. Throws `document-invalid`. */
export function parseMirrorVersion(
  bytes: Uint8Array,
  where: string,
): ReadonlyMap<string, MirrorArchive> {
  const archives = member(parseJson(bytes, where), 'archives', objectOf, where);
  return new Map(
    Object.entries(archives).map(([name, each]) => {
      return [platformKey(platformText(name, where)), archiveOf(each, `${where}: ${name}`)];
    }),
  );
}

const archiveOf: Reader<MirrorArchive> = (value, where) => {
  const object = objectOf(value, where);
  return {
    url: member(object, 'url', stringOf, where),
    hashes: member(object, 'hashes', listOf(packageHash), where),
  };
};
