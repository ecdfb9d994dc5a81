export { contentOf, readAll, verified, type Content } from './content.js';
export { descriptorOf, parseDescriptor, type Descriptor } from './descriptor.js';
export { digestOf, isDigest, parseDigest, splitDigest, type Digest } from './digest.js';
export { OciError, type OciErrorCode } from './error.js';
export { createLayout, openLayout, previewLayout } from './layout/layout.js';
export {
  children,
  manifestSizeLimit,
  manifestTypeOf,
  parseManifest,
  type ImageIndex,
  type ImageManifest,
} from './manifest.js';
export { memoryRepository } from './memory.js';
export { isIndexType, isManifestType, mediaType } from './media-type.js';
export { formatPlatform, parsePlatform, samePlatform, type Platform } from './platform.js';
export {
  formatReference,
  parseReference,
  parseRepositoryName,
  parseTag,
  type Reference,
} from './reference.js';
export { referrerOf } from './referrer.js';
export type { OperationOptions } from './operation.js';
export type {
  BlobStore,
  ManifestStore,
  PushOptions,
  Repository,
  TagOptions,
} from './repository.js';
export { withBlobsFrom } from './with-blobs-from.js';
