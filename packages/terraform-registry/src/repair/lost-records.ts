import type { OperationOptions } from '../content.js';
import { formatReleaseTag } from '../archives/name.js';
import { keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import type { Registry } from '../registry.js';
import type { Version } from '../version.js';
import { rebuiltRecord } from './rebuilt-record.js';

/** Published versions whose records are gone. */
export interface LostRecords {
  /** What is made again. */
  readonly rebuilt: readonly ReleaseManifest[];
  /** Why a record cannot be made again. */
  readonly refused: ReadonlyMap<Version, string>;
}

/** Reads all of each version, zips included. Of one that is `insisted` on, throws why its record cannot be made. */
export async function lostRecords(
  registry: Registry,
  versions: ReadonlySet<Version>,
  { insisted, signal }: OperationOptions & { readonly insisted?: Version | undefined },
): Promise<LostRecords> {
  const rebuilt: ReleaseManifest[] = [];
  const refused = new Map<Version, string>();
  for (const version of versions) {
    try {
      rebuilt.push(await rebuiltRecord(registry, version, signal && { signal }));
    } catch (error) {
      if (!(error instanceof TerraformRegistryError) || version === insisted) throw error;
      refused.set(version, error.message);
    }
  }
  return { rebuilt, refused };
}

export function remarkOnRebuilt({ version }: ReleaseManifest, isWithdrawn: boolean): string {
  const stays = isWithdrawn
    ? '. It was yanked, and stays out; to bring it back run tf-yank --undo'
    : '';
  return `version ${version}: its record was gone, and is made again from its documents, sums, signature and zips${stays}`;
}

export function remarkOnRefused({ address }: Registry, version: Version, reason: string): string {
  return `version ${version} is listed and its record is gone; it stays listed. The record cannot be made again: ${reason}; restore that object or the record, ${keys.manifest(address, version)}, from its older versions, and run this again`;
}

/** Of a version that nothing lists: it may have been published, or be what an attempt left. */
export function remarkOnUnlisted({ address }: Registry, version: Version): string {
  const tag = formatReleaseTag({ type: address.type, version });
  return `version ${version} has documents and no record, and is not listed. If it was published, run \`tf-repair --published --tag ${tag}\`, which makes its record again and lists it; an attempt that was never completed is completed by tf-stage or tf-release for its tag`;
}
