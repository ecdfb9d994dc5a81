import type { OperationOptions } from '../content.js';
import { fileNames, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { Registry } from '../registry.js';
import type { Version } from '../version.js';
import type { ListedZip, UnrecordedVersions } from './unrecorded-versions.js';

/** The zips of a release that are not there, or not as large as they were. */
async function lostZips(
  { store, address }: Registry,
  release: ReleaseManifest,
  options: OperationOptions | undefined,
): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const { platform, size } of release.packages) {
    const key = keys.file(address, release.version, fileNames.zip(release, platform));
    if ((await store.head(key, options))?.size !== size) lost.push(key);
  }
  return lost;
}

/** Those of a version from before there were records, whose sizes nobody wrote down, that are not there. */
export async function absentZips(
  { store }: Registry,
  zips: readonly ListedZip[],
  options: OperationOptions | undefined,
): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const { key } of zips) if ((await store.head(key, options)) === undefined) absent.push(key);
  return absent;
}

/** Of all versions, by version; of those that lost none nothing. */
export async function allLostZips(
  registry: Registry,
  {
    committed,
    older,
    zips,
  }: Pick<UnrecordedVersions, 'older' | 'zips'> & {
    readonly committed: readonly ReleaseManifest[];
  },
  options: OperationOptions | undefined,
): Promise<ReadonlyMap<Version, readonly string[]>> {
  const lost = new Map<Version, readonly string[]>();
  for (const release of committed) {
    lost.set(release.version, await lostZips(registry, release, options));
  }
  for (const { version } of older) {
    lost.set(version, await absentZips(registry, zips.get(version) ?? [], options));
  }
  return new Map([...lost].filter(([, gone]) => gone.length > 0));
}

export function remarkOnZips(version: Version, zips: readonly string[], isListed: boolean): string {
  const fate = isListed
    ? 'it stays listed for its other platforms'
    : 'it is not listed, and will be once they are back';
  return `version ${version}: ${zips.join(', ')} is gone or another one; ${fate}. Restore it with \`tf-repair --zips-from\`, and run this again`;
}
