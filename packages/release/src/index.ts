export type { AccessKeyPlace } from './aws/access-keys.js';
export type { Role } from './aws/role.js';
export type {
  AccessKeySettings,
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
  type ImagePlugin,
  type Plugin,
  type ProviderPlugin,
} from './plugin.js';
export { refuseClashes } from './plugin/clashes.js';
export type { CatalogTexts, ImageSettings } from './plugin/image.js';
export type { ProviderPlatform, ProviderSettings } from './plugin/provider.js';
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
  type ObjectReceipt,
  type ObjectResult,
  type Receipt,
  type StoreReceipt,
  type TagResult,
  type TransferReceipt,
} from './receipt.js';
export { formatReleaseTag, parseReleaseTag, type ReleaseTag } from './release-tag.js';
export { selectVersion, type Selection } from './selection.js';
export type { Variables } from './setting.js';
export { standsInFor } from './stand-in.js';
export {
  formatStore,
  type BucketEndpoint,
  type DirectoryEndpoint,
  type StoreEndpoint,
} from './store.js';
export type { TerraformRegistrySettings, TerraformRole } from './terraform/settings.js';
export type { SigningKey } from './terraform/signing-key.js';
export { compareVersions, isPrerelease, isVersion, parseVersion, type Version } from './version.js';
