import { ObjectStoreError } from '../error.js';
import { parseKey } from '../key.js';
import type { OperationOptions, Version } from '../store.js';
import type { Task } from './failure.js';

/** Where S3 keeps one object. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
  /** `s3://bucket/key`, for people. */
  readonly where: string;
}

export function placeOf(bucket: string, text: string): Place {
  const key = parseKey(text);
  return { bucket, key, where: `s3://${bucket}/${key}` };
}

/** The parameters that every request about one object has. */
export function target({ bucket, key }: Place) {
  return { Bucket: bucket, Key: key };
}

export function reading({ where }: Place, options: OperationOptions | undefined): Task {
  return { where, act: 'read it', permission: 's3:GetObject', signal: options?.signal };
}

export function writing({ where }: Place, options: OperationOptions | undefined): Task {
  return { where, act: 'store it', permission: 's3:PutObject', signal: options?.signal };
}

/** An ETag, always in quotes: some servers leave them out of listings. */
export function versionOf(place: Place, etag: string | undefined): Version {
  const [, opaque] = /^(?:W\/)?"?([^"]+)"?$/.exec(etag ?? '') ?? [];
  if (opaque !== undefined) return `"${opaque}"` as Version;
  throw new ObjectStoreError(
    'rejected',
    `${place.where}: the server says no ETag, without which no version can be told from another; use another server`,
  );
}
