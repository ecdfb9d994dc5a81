import { formatReleaseTag } from '../archives/name.js';
import type { OperationOptions } from '../content.js';
import type { IndexEntry } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import { nameOf, type Registry } from '../registry.js';
import { storeReader } from '../verify/reader.js';
import { remedies, remedyOf } from '../verify/remedy.js';
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
  const refuse = (what: string, advice = 'restore the object') =>
    new TerraformRegistryError(
      'verification-failed',
      `${nameOf(registry)}: version ${version} cannot be brought back: ${what}; ${advice}, then run this again`,
    );
  const { older, own, unreadable } = await unrecordedVersions(registry, new Set(), operation);
  if (own.has(version)) {
    const tag = formatReleaseTag({ type: address.type, version });
    throw refuse('its record is gone', `\`tf-repair --published --tag ${tag}\` makes it again`);
  }
  const unread = unreadable.get(version);
  if (unread !== undefined) throw refuse(unread);
  const entry = older.find((each) => each.version === version);
  if (entry === undefined) throw refuse('there is no document of it');
  const reader = storeReader(store, mirrorHosts);
  const findings = await verifyVersion(reader, address, entry, { at, ...operation });
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const isZip = remedyOf(error) === 'restore';
    throw refuse(`${error.where}: ${error.what}`, isZip ? remedies.restore : undefined);
  }
  return entry;
}
