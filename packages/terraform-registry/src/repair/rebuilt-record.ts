import type { OperationOptions } from '../content.js';
import { downloadLimit, parseDownload, type DownloadDocument } from '../documents/download.js';
import { keys } from '../documents/layout.js';
import { manifestLimit, type Package, type ReleaseManifest } from '../documents/manifest.js';
import { isProtocol, platformText } from '../documents/readers.js';
import { TerraformRegistryError } from '../error.js';
import { comparePlatforms } from '../platform.js';
import { indexEntryOf } from '../publish/index-document.js';
import { restoring } from '../publish/planned.js';
import { clientDocuments, signatureKey, sumsObject } from '../publish/release-objects.js';
import { nameOf, type Registry } from '../registry.js';
import { isH1 } from '../repack/h1.js';
import { isSha256, sha256Of, type Sha256 } from '../sha256.js';
import type { Version } from '../version.js';
import { storeReader } from '../verify/reader.js';
import { remedyOf } from '../verify/remedy.js';
import { verifyVersion } from '../verify/verify.js';

/**
 * The record of a version that lost it. All that clients read of the version says the same thing of it, or it is
 * refused: its documents are, byte for byte, those of the record; so are the sums; the signature verifies; and
 * all zips have the hashes of both kinds. What archives they were made of is not known any more. Throws
 * `verification-failed`, and `not-found` where there are no documents.
 */
export async function rebuiltRecord(
  registry: Registry,
  version: Version,
  options?: OperationOptions,
): Promise<ReleaseManifest> {
  const { store, address } = registry;
  const documents = new Map<string, Uint8Array>();
  for await (const { key } of store.list(keys.downloads(address, version), options)) {
    const bytes = await (await store.get(key, options))?.bytes(downloadLimit, options);
    if (bytes !== undefined) documents.set(key, bytes);
  }
  const [first] = documents;
  if (first === undefined) {
    throw new TerraformRegistryError(
      'not-found',
      `${nameOf(registry)}: version ${version} has no documents that its record could be made from; check the version`,
    );
  }
  const [key, bytes] = first;
  const document = parseDownload(bytes, key);
  if (document.packages === undefined) {
    throw disagreeing(
      `${key}: was not written by this release system, so there is no record of version ${version} to make again; tf-repair lists it by its documents`,
    );
  }
  const release = releaseIn(document, key, registry, version);
  const wanted = clientDocuments(release, []);
  for (const each of wanted) requireSame(each.key, documents.get(each.key), each.sha256);
  const keysOfIt = new Set(wanted.map((each) => each.key));
  const strange = [...documents.keys()].find((each) => !keysOfIt.has(each));
  if (strange !== undefined) throw disagreeing(`${strange}: is of a platform that others lack`);
  const sums = sumsObject(release);
  requireSame(sums.key, await bytesAt(registry, sums.key, options), sums.sha256);
  const signature = await bytesAt(registry, signatureKey(release), options);
  if (signature === undefined) throw disagreeing(`${signatureKey(release)}: is not there`);
  const entry = indexEntryOf(release);
  const findings = await verifyVersion(storeReader(store), address, entry, {
    ...options,
    at: whenever,
  });
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const advice = remedyOf(error) === 'restore' ? ` (${restoring(error.where)})` : '';
    throw disagreeing(`${error.where}: ${error.what}${advice}`);
  }
  return { ...release, signature: sha256Of(signature) };
}

/** Whether the signature is of the future is no matter of what the record says. */
const whenever = new Date(8.64e15);

/** What one document says of the version, whose other parts are to be compared with it. */
function releaseIn(
  { packages = new Map(), protocols, keys: signers, sumsUrl }: DownloadDocument,
  where: string,
  { address }: Registry,
  version: Version,
): ReleaseManifest {
  const [, revision = '1'] = /(?:_r([1-9]\d{0,5}))?_SHA256SUMS$/.exec(sumsUrl) ?? [];
  const found = [...packages].map(([name, { size, hashes }]): Package => {
    const h1 = hashes.find((each) => isH1(each));
    const sha256 = hashes.map((each) => each.slice(3)).find((each) => isSha256(each));
    if (h1 === undefined || sha256 === undefined) {
      throw disagreeing(`${where}: ${name} lacks a hash`);
    }
    return { platform: platformText(name, where), size, sha256, h1 };
  });
  return {
    ...address,
    version,
    revision: Number(revision),
    protocols: protocols.filter((each) => isProtocol(each)),
    keys: signers,
    signature: sha256Of(Buffer.of()),
    packages: found.sort((a, b) => comparePlatforms(a.platform, b.platform)),
  };
}

async function bytesAt(
  { store }: Registry,
  key: string,
  options: OperationOptions | undefined,
): Promise<Uint8Array | undefined> {
  return (await store.get(key, options))?.bytes(manifestLimit, options);
}

function requireSame(key: string, bytes: Uint8Array | undefined, sha256: Sha256): void {
  if (bytes === undefined) throw disagreeing(`${key}: is not there`);
  if (sha256Of(bytes) !== sha256) throw disagreeing(`${key}: is another one than the others say`);
}

function disagreeing(what: string): TerraformRegistryError {
  return new TerraformRegistryError('verification-failed', what);
}
