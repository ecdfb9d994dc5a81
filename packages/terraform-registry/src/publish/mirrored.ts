import type { OperationOptions } from '../content.js';
import { keys } from '../documents/layout.js';
import type { Registry } from '../registry.js';
import type { Version } from '../version.js';

/** Those of some versions that the mirror of a host has: it may have been declared after they were published. */
export async function mirroredVersions(
  { store, address }: Registry,
  host: string,
  versions: readonly { readonly version: Version }[],
  options?: OperationOptions,
): Promise<readonly Version[]> {
  const found: Version[] = [];
  for (const { version } of versions) {
    const document = await store.head(keys.mirrorVersion(host, address, version), options);
    if (document !== undefined) found.push(version);
  }
  return found;
}
