import type { ObjectInfo, ObjectStore } from '@teleport-plugins/object-store';

import type { Content, OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { comparePlatforms, platformKey } from '../platform.js';
import { quoted } from '../quoted.js';
import type { Sha256 } from '../sha256.js';
import {
  formatReleaseTag,
  parseArchiveName,
  type ArchiveName,
  type ProviderRelease,
} from './name.js';
import { parseSidecar, sidecarEnding, sidecarLimit } from './sidecar.js';

/** The archive of one platform, as it lies under the tag. */
export interface Archive {
  readonly name: ArchiveName;
  readonly file: string;
  /** Where it is, for people. */
  readonly where: string;
  readonly size: number;
  /** What its sidecar says. Whoever reads the content checks it. */
  readonly sha256: Sha256;
  open(options?: OperationOptions): Content;
}

/** All archives of a release, in the order of their platforms. */
export interface ReleaseArchives extends ProviderRelease {
  /** Where they are, for people. */
  readonly where: string;
  readonly archives: readonly [Archive, ...Archive[]];
}

/** Where CI puts the archives of all tags. */
export const archivesFolder = 'teleport-plugins/tag';

/**
 * The archives under the tag of a release. There is at least one, each has its checksum beside it, and
 * all are of this provider and version. Files that have nothing to do with archives are passed over, and those
 * for no platform that Terraform knows: CI also packs universal programs, for people with a Mac. Any other
 * archive that cannot be understood is an error, because it would be missing in what is published.
 * Throws `archives-missing` and `archives-invalid`.
 */
export async function listArchives(
  store: ObjectStore,
  release: ProviderRelease,
  options: OperationOptions & { readonly folder?: string } = {},
): Promise<ReleaseArchives> {
  const { folder = archivesFolder, signal } = options;
  const prefix = `${folder}/${formatReleaseTag(release)}/`;
  const where = `${store.name}/${prefix}`;
  const files = new Map<string, ObjectInfo>();
  for await (const info of store.list(prefix, signal && { signal })) {
    files.set(info.key.slice(prefix.length), info);
  }
  const archives: Archive[] = [];
  for (const [file, info] of files) {
    if (!isArchive(file)) continue;
    const name = nameOf(file, release, where);
    if (!files.has(file + sidecarEnding)) {
      throw invalid(where, `${file} has no ${file}${sidecarEnding} beside it`);
    }
    const sha256 = await sidecarOf(store, prefix + file, { file, where }, options);
    const open = (opening?: OperationOptions) => contentOf(store, info.key, opening);
    archives.push({ name, file, where: `${where}${file}`, size: info.size, sha256, open });
  }
  refuseLeftovers(files, where);
  archives.sort((a, b) => comparePlatforms(a.name.platform, b.name.platform));
  const [first, ...others] = archives;
  if (first !== undefined) return { ...release, where, archives: [first, ...others] };
  throw new TerraformRegistryError(
    'archives-missing',
    `${where}: there are no archives; check the tag, or run push-archives for it first`,
  );
}

/** The platforms of archives, for messages. */
export function platformsOf({ archives }: ReleaseArchives): readonly string[] {
  return archives.map(({ name }) => platformKey(name.platform));
}

function isArchive(file: string): boolean {
  return (
    (file.startsWith('terraform-provider') || /^[^/]*-bin\.tar\.gz$/.test(file)) &&
    !file.endsWith(sidecarEnding) &&
    !file.endsWith(universalEnding)
  );
}

/** Of programs for both processors of Macs in one. Their own archives hold what Terraform installs. */
const universalEnding = '-darwin-universal-bin.tar.gz';

function nameOf(file: string, release: ProviderRelease, where: string): ArchiveName {
  let name: ArchiveName;
  try {
    name = parseArchiveName(file);
  } catch (cause) {
    if (!(cause instanceof TerraformRegistryError)) throw cause;
    throw invalid(where, cause.message, cause);
  }
  if (name.type === release.type && name.version === release.version) return name;
  throw invalid(where, `${quoted(file)} is of another release than its tag`);
}

/** A checksum of an archive that did not arrive would otherwise be a platform that is missing silently. */
function refuseLeftovers(files: ReadonlyMap<string, unknown>, where: string): void {
  for (const file of files.keys()) {
    const archive = file.slice(0, -sidecarEnding.length);
    if (!file.endsWith(sidecarEnding) || !isArchive(archive) || files.has(archive)) continue;
    throw invalid(where, `${quoted(file)} is there without its archive`);
  }
}

async function sidecarOf(
  store: ObjectStore,
  key: string,
  { file, where }: { readonly file: string; readonly where: string },
  { signal }: OperationOptions,
): Promise<Sha256> {
  const sidecar = await store.get(key + sidecarEnding, signal && { signal });
  if (sidecar === undefined) throw invalid(where, `${file}${sidecarEnding} is gone`);
  const bytes = await sidecar.bytes(sidecarLimit, signal && { signal });
  return parseSidecar(bytes, file, where);
}

async function* contentOf(
  store: ObjectStore,
  key: string,
  options: OperationOptions | undefined,
): Content {
  const stored = await store.get(key, options);
  if (stored === undefined) throw invalid(`${store.name}/${key}`, 'is gone');
  yield* stored.content(options);
}

function invalid(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'archives-invalid',
    `${where}: ${what}; put the archives of this tag, each with its checksum, there and run this again`,
    cause === undefined ? {} : { cause },
  );
}
