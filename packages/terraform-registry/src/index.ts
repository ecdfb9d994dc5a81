export {
  formatArchiveName,
  formatReleaseTag,
  parseArchiveName,
  type ArchiveName,
  type ProviderRelease,
} from './archives/name.js';
export { formatSidecar, parseSidecar } from './archives/sidecar.js';
export { TerraformRegistryError, type TerraformRegistryErrorCode } from './error.js';
export { platformKey, type Platform } from './platform.js';
export type { Sha256 } from './sha256.js';
export { compareVersions, parseVersion, type Version } from './version.js';
