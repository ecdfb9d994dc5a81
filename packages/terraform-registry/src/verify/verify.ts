import type { OperationOptions } from '../content.js';
import { parseDiscovery } from '../documents/discovery.js';
import { keys, registryBase, type ProviderAddress } from '../documents/layout.js';
import { indexLimit, parseIndex, type IndexEntry } from '../documents/versions.js';
import type { Version } from '../version.js';
import { checked, document, placeOf, report, type Check, type Finding } from './findings.js';
import type { RegistryReader } from './reader.js';
import { checkVersion } from './version-check.js';

export interface VerifyRegistryOptions extends OperationOptions {
  /** The time of the clients, by which signatures may be from the future. */
  readonly at: Date;
  /** Only this version; all of them by default. */
  readonly version?: Version;
  /** Whether the zips are read; by default they are, all of them. */
  readonly zips?: boolean;
}

/**
 * Everything that Terraform or OpenTofu would refuse about a provider in a registry, by their own rules.
 * Nothing is written. An empty list is a registry from which every listed version can be installed.
 */
export async function verifyRegistry(
  reader: RegistryReader,
  address: ProviderAddress,
  options: VerifyRegistryOptions,
): Promise<readonly Finding[]> {
  const check = newCheck(reader, options);
  const base = await checkDiscovery(check);
  const entries = await checkIndex(check, base, address);
  const wanted = entries.filter(({ version }) => version === (options.version ?? version));
  if (options.version !== undefined && entries.length > 0 && wanted.length === 0) {
    report(check, keys.index(address), `does not list version ${options.version}`);
  }
  for (const entry of wanted) {
    await checkVersion(check, base, address, entry, { zips: options.zips ?? true });
  }
  return check.findings;
}

/** The same for one version that no index needs to list yet. */
export async function verifyVersion(
  reader: RegistryReader,
  address: ProviderAddress,
  entry: IndexEntry,
  options: Omit<VerifyRegistryOptions, 'version'>,
): Promise<readonly Finding[]> {
  const check = newCheck(reader, options);
  const base = new URL(registryBase, reader.root);
  await checkVersion(check, base, address, entry, { zips: options.zips ?? true });
  return check.findings;
}

function newCheck(reader: RegistryReader, { at, signal }: VerifyRegistryOptions): Check {
  return { reader, at, findings: [], ...(signal && { signal }) };
}

async function checkDiscovery(check: Check): Promise<URL> {
  const { root } = check.reader;
  const url = new URL(keys.discovery, root);
  const where = placeOf(check, url);
  const bytes = await document(check, url, { limit: 65_536, json: 'required' });
  const base = bytes && (await checked(check, where, () => parseDiscovery(bytes, where)));
  return new URL(base ?? registryBase, url);
}

async function checkIndex(
  check: Check,
  base: URL,
  { namespace, type }: ProviderAddress,
): Promise<readonly IndexEntry[]> {
  const url = new URL(`${namespace}/${type}/versions`, base);
  const where = placeOf(check, url);
  const bytes = await document(check, url, { limit: indexLimit, json: 'expected' });
  const index = bytes && (await checked(check, where, () => parseIndex(bytes, where)));
  for (const { version, platforms } of index?.versions ?? []) {
    if (platforms.length > 0) continue;
    report(
      check,
      where,
      `lists version ${version} for no platform, which nobody can install; tf-repair takes it out, unless there are documents of it`,
      'warning',
    );
  }
  return index?.versions ?? [];
}
