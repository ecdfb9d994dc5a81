export type { Content } from './content.js';
export type { Descriptor } from './descriptor.js';
export type { Digest } from './digest.js';
export { OciError, type OciErrorCode } from './error.js';
export type { Platform } from './platform.js';
export type { BlobStore, ManifestStore, OperationOptions, Repository } from './repository.js';
