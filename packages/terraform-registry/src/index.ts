export {
  archivesFolder,
  listArchives,
  platformsOf,
  type Archive,
  type ReleaseArchives,
} from './archives/listing.js';
export {
  formatArchiveName,
  formatReleaseTag,
  parseArchiveName,
  type ArchiveName,
  type ProviderRelease,
} from './archives/name.js';
export { platformsOfProgram, programHeadSize } from './archives/program.js';
export { formatSidecar, parseSidecar } from './archives/sidecar.js';
export { fileNames, keys, type ProviderAddress } from './documents/layout.js';
export type { Package, ReleaseManifest } from './documents/manifest.js';
export { isProtocol, type Protocol } from './documents/readers.js';
export { TerraformRegistryError, type TerraformRegistryErrorCode } from './error.js';
export { planPromotion, type PromotionRequest } from './promote/plan.js';
export { applyPublish, type ApplyOptions, type PublishEvent } from './publish/apply.js';
export { jitteredPause, type Pause } from './publish/pause.js';
export { planPublish, type PublishRequest } from './publish/plan.js';
export { describePlan, isSettled, type PublishPlan } from './publish/publish-plan.js';
export type { PlannedChange } from './publish/planned-change.js';
export type { PlannedObject } from './publish/planned.js';
export { readIndex, type Registry } from './registry.js';
export { applyDiscard, planDiscard, type DiscardPlan } from './repair/discard.js';
export { applyRepair, planRepair, type RepairPlan } from './repair/repair.js';
export { applyRestore, planRestore, type RestorePlan, type ZipSource } from './repair/restore.js';
export { planResign, resignableVersions } from './repair/resign.js';
export { applyUnyank, planUnyank, type UnyankPlan } from './repair/unyank.js';
export { applyYank, planYank, type YankPlan, type YankRequest } from './repair/yank.js';
export { isH1, type H1, type HashedFile } from './repack/h1.js';
export { inspectZip, type InspectedZip } from './repack/inspect.js';
export type { ArchiveContent } from './repack/provider-files.js';
export { h1OfArchive, repack, type Repacked, type RepackOptions } from './repack/repack.js';
export { writeScratch } from './repack/scratch.js';
export { platformKey, type Platform } from './platform.js';
export { openPgpSigner } from './signing/open-pgp-signer.js';
export { parsePublicKey, type PublicArmor, type PublicKey } from './signing/public-key.js';
export { remoteSigner, type RemoteSignerOptions } from './signing/remote-signer.js';
export { signedByBoth, type Signer } from './signing/signer.js';
export { throwawayKey } from './signing/throwaway-key.js';
export { verifySignature } from './signing/verify.js';
export { serveTerraformRegistry, type ServedTerraformRegistry } from './serve/serve-registry.js';
export type { Sha256 } from './sha256.js';
export { compareVersions, parseVersion, type Version } from './version.js';
export type { Finding } from './verify/findings.js';
export { remedies, remedyOf, type Remedy } from './verify/remedy.js';
export {
  storeReader,
  urlReader,
  type FetchedResponse,
  type Fetching,
  type RegistryReader,
} from './verify/reader.js';
export { verifyRegistry, type VerifyRegistryOptions } from './verify/verify.js';
