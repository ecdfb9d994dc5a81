import { comparePlatforms, platformKey, type Platform } from '../platform.js';
import type { H1 } from '../repack/h1.js';
import { sha256Of, type Sha256 } from '../sha256.js';
import { parsePublicKey, type PublicKey } from '../signing/public-key.js';
import type { Version } from '../version.js';
import {
  countOf,
  formatJson,
  invalid,
  listOf,
  member,
  objectOf,
  optional,
  parseJson,
  refuseUnknown,
  stringOf,
  type Reader,
} from './json.js';
import { fileNames, type ProviderAddress } from './layout.js';
import {
  h1Text,
  platformObject,
  protocolsOf,
  sha256Text,
  versionOf,
  type Protocol,
} from './readers.js';
import { formatSums } from './sums.js';

/** The zip of one platform. */
export interface Package {
  readonly platform: Platform;
  readonly size: number;
  readonly sha256: Sha256;
  readonly h1: H1;
  /** The sha256 of the archive that it was made of; absent in a record that was lost and made again. */
  readonly archive?: Sha256;
}

/**
 * The record of a version that was committed: everything that any document says of it. A version whose
 * manifest is there is complete, and every document of it can be written again from it alone.
 */
export interface ReleaseManifest extends ProviderAddress {
  readonly version: Version;
  /** 1, and one more with each set of sums: when platforms were added. */
  readonly revision: number;
  readonly protocols: readonly Protocol[];
  /** The keys of which any one verifies the signature. */
  readonly keys: readonly PublicKey[];
  readonly signature: Sha256;
  /** In the order of their platforms. */
  readonly packages: readonly Package[];
  /** Why the version was taken out of the index; absent for one that is in it. */
  readonly yanked?: string;
}

export const manifestLimit = 1024 * 1024;

/** More than anybody makes, and few enough to look for the sums of each. */
const mostRevisions = 999_999;

/** The sums over all platforms: what is signed. */
export function sumsOf(release: ManifestBase): Uint8Array {
  return formatSums(
    release.packages.map(({ platform, sha256 }) => ({
      sha256,
      filename: fileNames.zip(release, platform),
    })),
  );
}

/** What is known before the signature. */
export type ManifestBase = Pick<ReleaseManifest, 'type' | 'version' | 'packages'>;

export function formatManifest(manifest: ReleaseManifest): Uint8Array {
  const { namespace, type, version, revision, protocols, keys, signature, packages } = manifest;
  const { yanked } = manifest;
  return formatJson({
    schemaVersion: 1,
    namespace,
    type,
    version,
    revision,
    protocols,
    sums: sha256Of(sumsOf(manifest)),
    signature,
    keys: keys.map(({ keyId, armor }) => ({ keyId, armor })),
    packages: packages.map(({ platform: { os, arch }, size, sha256, h1, archive }) => ({
      os,
      arch,
      size,
      sha256,
      h1,
      ...(archive !== undefined && { archive }),
    })),
    ...(yanked !== undefined && { yanked }),
  });
}

/** Throws `document-invalid`; `key-refused` should a private key be in it. */
export function parseManifest(bytes: Uint8Array, where: string): ReleaseManifest {
  const document = parseJson(bytes, where);
  const known = ['schemaVersion', 'namespace', 'type', 'version', 'revision', 'protocols'];
  refuseUnknown(document, [...known, 'sums', 'signature', 'keys', 'packages', 'yanked'], where);
  if (member(document, 'schemaVersion', countOf, where) !== 1) {
    throw invalid(where, 'is of a schema that is not known; use the release system that wrote it');
  }
  const yanked = optional(document, 'yanked', stringOf, where);
  const manifest: ReleaseManifest = {
    namespace: member(document, 'namespace', stringOf, where),
    type: member(document, 'type', stringOf, where),
    version: member(document, 'version', versionOf, where),
    revision: member(document, 'revision', countOf, where),
    protocols: member(document, 'protocols', protocolsOf, where),
    keys: member(document, 'keys', listOf(keyOf), where),
    signature: member(document, 'signature', sha256Text, where),
    packages: member(document, 'packages', listOf(packageOf), where),
    ...(yanked !== undefined && { yanked }),
  };
  if (manifest.revision > mostRevisions) {
    throw invalid(where, 'has more revisions than there can be');
  }
  if (manifest.revision === 0 || manifest.keys.length === 0 || manifest.packages.length === 0) {
    throw invalid(where, 'has no revision, no key or no package');
  }
  const inOrder = [...manifest.packages].sort((a, b) => comparePlatforms(a.platform, b.platform));
  const platforms = new Set(inOrder.map(({ platform }) => platformKey(platform)));
  if (platforms.size !== inOrder.length) throw invalid(where, 'has a platform twice');
  if (member(document, 'sums', sha256Text, where) !== sha256Of(sumsOf(manifest))) {
    throw invalid(where, 'its sums are not those of its packages');
  }
  return { ...manifest, packages: inOrder };
}

const keyOf: Reader<PublicKey> = (value, where) => {
  const object = objectOf(value, where);
  refuseUnknown(object, ['keyId', 'armor'], where);
  const key = parsePublicKey(member(object, 'armor', stringOf, where), where);
  if (member(object, 'keyId', stringOf, where) === key.keyId) return key;
  throw invalid(where, `its id is not that of its key, ${key.keyId}`);
};

const packageOf: Reader<Package> = (value, where) => {
  const object = objectOf(value, where);
  refuseUnknown(object, ['os', 'arch', 'size', 'sha256', 'h1', 'archive'], where);
  const archive = optional(object, 'archive', sha256Text, where);
  return {
    platform: platformObject(value, where),
    size: member(object, 'size', countOf, where),
    sha256: member(object, 'sha256', sha256Text, where),
    h1: member(object, 'h1', h1Text, where),
    ...(archive !== undefined && { archive }),
  };
};
