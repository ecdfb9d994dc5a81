import { platformKey, type NamedPlatform } from '../platform.js';
import type { H1 } from '../repack/h1.js';
import type { Sha256 } from '../sha256.js';
import { parsePublicKey, type PublicKey } from '../signing/public-key.js';
import {
  countOf,
  formatJson,
  invalid,
  listOf,
  member,
  objectOf,
  optional,
  parseJson,
  stringOf,
  textOf,
  type Reader,
} from './json.js';
import { fileNames, keys, relativeUrl } from './layout.js';
import type { Package, ReleaseManifest } from './manifest.js';
import {
  addressOf,
  foreignProtocolsOf,
  namedPlatform,
  platformText,
  sha256Text,
} from './readers.js';

/** What a client is told of the package of one platform. */
export interface DownloadDocument {
  readonly protocols: readonly string[];
  readonly platform: NamedPlatform;
  readonly filename: string;
  /** Relative to the document, or absolute. */
  readonly downloadUrl: string;
  readonly sumsUrl: string;
  readonly signatureUrl: string;
  readonly sha256: Sha256;
  /** In the order in which they are tried. */
  readonly keys: readonly PublicKey[];
  /** All platforms, by their keys, for the lock files of OpenTofu; Terraform ignores it. */
  readonly packages?: ReadonlyMap<string, PackageHashes>;
}

interface PackageHashes {
  readonly size: number;
  readonly hashes: readonly PackageHash[];
}

/** `zh:` is the sha256 of a zip, `h1:` that of its files. */
export type PackageHash = `zh:${string}` | H1;

export const downloadLimit = 1024 * 1024;

/** The document of one package of a release, without an address that names a host. */
export function formatDownload(release: ReleaseManifest, target: Package): Uint8Array {
  const { version } = release;
  const from = keys.download(release, version, target.platform);
  const sums = fileNames.sums(release, release.revision);
  const signature = fileNames.signature(
    sums,
    release.keys.map(({ keyId }) => keyId),
  );
  const filename = fileNames.zip(release, target.platform);
  const url = (file: string) => relativeUrl(from, keys.file(release, version, file));
  return formatJson({
    protocols: release.protocols,
    os: target.platform.os,
    arch: target.platform.arch,
    filename,
    download_url: url(filename),
    shasums_url: url(sums),
    shasums_signature_url: url(signature),
    shasum: target.sha256,
    signing_keys: {
      gpg_public_keys: release.keys.map(({ keyId, armor }) => ({
        key_id: keyId,
        // Once more, right where it is written.
        ascii_armor: parsePublicKey(armor, `the key ${keyId}`).armor,
        trust_signature: '',
      })),
    },
    packages: Object.fromEntries(
      release.packages.map((each) => [
        platformKey(each.platform),
        { hashes: hashesOf(each), package_size: each.size },
      ]),
    ),
  });
}

/** As lock files and mirrors have them. */
export function hashesOf({ sha256, h1 }: Package): readonly PackageHash[] {
  return [h1, `zh:${sha256}`];
}

/** Throws `document-invalid`. Members that are not known are ignored, as clients do. */
export function parseDownload(bytes: Uint8Array, where: string): DownloadDocument {
  const document = parseJson(bytes, where);
  const url = (name: string) => member(document, name, addressOf, where);
  const signing = member(document, 'signing_keys', objectOf, where);
  const packages = optional(document, 'packages', packagesOf, where);
  return {
    protocols: optional(document, 'protocols', foreignProtocolsOf, where) ?? [],
    platform: namedPlatform(document, where),
    filename: member(document, 'filename', stringOf, where),
    downloadUrl: url('download_url'),
    sumsUrl: url('shasums_url'),
    signatureUrl: url('shasums_signature_url'),
    sha256: member(document, 'shasum', sha256Text, where),
    keys: member(signing, 'gpg_public_keys', listOf(keyOf), `${where}: signing_keys`),
    ...(packages !== undefined && { packages }),
  };
}

const keyOf: Reader<PublicKey> = (value, where) =>
  parsePublicKey(member(objectOf(value, where), 'ascii_armor', stringOf, where), where);

export const packageHash = textOf('"zh:" or "h1:" and a hash', (text): text is PackageHash =>
  /^(?:zh:[0-9a-f]{64}|h1:[A-Za-z0-9+/]{43}=)$/.test(text),
);

const packagesOf: Reader<ReadonlyMap<string, PackageHashes>> = (value, where) =>
  new Map(
    Object.entries(objectOf(value, where)).map(([name, each]) => {
      const inner = `${where}: ${platformKey(platformText(name, where))}`;
      const object = objectOf(each, inner);
      const hashes = member(object, 'hashes', listOf(packageHash), inner);
      if (hashes.length === 0) throw invalid(inner, 'has no hashes');
      return [name, { size: member(object, 'package_size', countOf, inner), hashes }];
    }),
  );
