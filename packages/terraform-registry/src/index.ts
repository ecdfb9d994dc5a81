export {
  formatArchiveName,
  formatReleaseTag,
  parseArchiveName,
  type ArchiveName,
  type ProviderRelease,
} from './archives/name.js';
export { formatSidecar, parseSidecar } from './archives/sidecar.js';
export { TerraformRegistryError, type TerraformRegistryErrorCode } from './error.js';
export { isH1, type H1, type HashedFile } from './repack/h1.js';
export { inspectZip, type InspectedZip } from './repack/inspect.js';
export type { ArchiveContent } from './repack/provider-files.js';
export { h1OfArchive, repack, type Repacked, type RepackOptions } from './repack/repack.js';
export { writeScratch } from './repack/scratch.js';
export { platformKey, type Platform } from './platform.js';
export { openPgpSigner } from './signing/open-pgp-signer.js';
export { parsePublicKey, type PublicArmor, type PublicKey } from './signing/public-key.js';
export { signedByBoth, type Signer } from './signing/signer.js';
export { throwawayKey } from './signing/throwaway-key.js';
export { verifySignature } from './signing/verify.js';
export type { Sha256 } from './sha256.js';
export { compareVersions, parseVersion, type Version } from './version.js';
