export type { Role } from './aws/role.js';
export type {
  AwsSettings,
  RegistryAccess,
  RepositorySettings,
  RoleSettings,
} from './aws/settings.js';
export type { BaseChoice, PinnedReference } from './base.js';
export { configFile, loadReleaseConfig, type ReleaseConfig } from './config.js';
export {
  imageRepository,
  type EmbeddedRegistry,
  type RegistryEndpoint,
  type RemoteRegistry,
} from './endpoint.js';
export type { Environment, RegistryRole } from './environment.js';
export { ReleaseError, type ReleaseErrorCode } from './error.js';
export { floatingTags, versionsInRange, type FloatingTagKind } from './floating-tags.js';
export {
  loadPlugin,
  pluginFile,
  refuseClashes,
  type CatalogTexts,
  type ImagePlugin,
  type ImageSettings,
  type Plugin,
} from './plugin.js';
export {
  protectionFlags,
  refuseViolations,
  violations,
  type Checkout,
  type ImageOrigin,
  type ProtectedStep,
  type ProtectionFlag,
  type Violation,
} from './protection.js';
export {
  formatReceipt,
  proveReceipt,
  writeReceipt,
  type Amount,
  type ImageReceipt,
  type Receipt,
  type TagResult,
  type TransferReceipt,
} from './receipt.js';
export { formatReleaseTag, parseReleaseTag, type ReleaseTag } from './release-tag.js';
export { selectVersion, type Selection } from './selection.js';
export type { Variables } from './setting.js';
export { standsInFor } from './stand-in.js';
export { compareVersions, isPrerelease, isVersion, parseVersion, type Version } from './version.js';
