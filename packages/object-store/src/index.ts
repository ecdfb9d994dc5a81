export { directoryStore } from './directory/directory-store.js';
export { failedWith, ObjectStoreError, type ObjectStoreErrorCode } from './error.js';
export { compareKeys, parseKey, parsePrefix, type Key } from './key.js';
export { memoryStore } from './memory.js';
export { metered, type StoreTraffic } from './metered.js';
export { overlaid } from './overlaid.js';
export { prefixed } from './prefixed.js';
export { readOnly } from './read-only.js';
export type { S3Credentials, S3StoreOptions } from './s3/options.js';
export { s3Store } from './s3/s3-store.js';
export type {
  Body,
  CopyOptions,
  ObjectInfo,
  ObjectStore,
  OperationOptions,
  PutMode,
  PutOptions,
  StoredObject,
  StreamedBody,
  Version,
} from './store.js';
