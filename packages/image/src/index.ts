export { hostBaseReference, type BaseImage } from './base.js';
export {
  buildImage,
  type BuildOptions,
  type BuiltImage,
  type BuiltPlatform,
} from './build-image.js';
export { dockerArchive } from './docker-archive.js';
export { ImageError, type ImageErrorCode } from './error.js';
export type { ImageFile } from './file-tree.js';
export { gzip } from './gzip.js';
export { hostBase, hostBaseKey } from './host-base.js';
export type { HostOptions } from './host-runtime.js';
export { platformImage } from './platform-image.js';
export { pulledBase, type PullOptions } from './pulled-base.js';
export { latestCreated, nonRootUser, type ImageSpec } from './spec.js';
export { tar, type TarFile } from './tar.js';
