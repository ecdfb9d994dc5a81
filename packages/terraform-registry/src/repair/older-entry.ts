import type { OperationOptions } from '../content.js';
import type { IndexEntry } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { nameOf, type Registry } from '../registry.js';
import { storeReader } from '../verify/reader.js';
import { verifyVersion } from '../verify/verify.js';
import type { Version } from '../version.js';
import { unrecordedVersions } from './unrecorded-versions.js';

/**
 * How a version from before there were records is listed, as its documents say, when clients can install it. Throws
 * `verification-failed`.
 */
export async function olderEntry(
  registry: Registry,
  version: Version,
  { at, signal }: OperationOptions & { readonly at: Date },
): Promise<IndexEntry> {
  const { store, address, mirrorHosts } = registry;
  const operation = signal && { signal };
  const refuse = (what: string) =>
    new TerraformRegistryError(
      'verification-failed',
      `${nameOf(registry)}: version ${version} cannot be brought back: ${what}; restore the object, then run this again`,
    );
  const { older, unreadable } = await unrecordedVersions(registry, new Set(), operation);
  const unread = unreadable.get(version);
  if (unread !== undefined) throw refuse(unread);
  const entry = older.find((each) => each.version === version);
  if (entry === undefined) throw refuse('there is no document of it');
  const reader = storeReader(store, mirrorHosts);
  const findings = await verifyVersion(reader, address, entry, { at, ...operation });
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw refuse(`${error.where}: ${error.what}`);
  return entry;
}
