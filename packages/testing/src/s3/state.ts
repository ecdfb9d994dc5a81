import type { Content } from './content.js';
import { S3Fault } from './fault.js';
import type { LifecycleRule } from './lifecycle-rule.js';
import type { Labels } from './stored-object.js';
import { versionsOf, type Versions } from './versions.js';

export interface Part {
  readonly content: Content;
  readonly etag: string;
}

export interface Upload {
  readonly key: string;
  readonly labels: Labels;
  readonly parts: Map<number, Part>;
}

export interface Bucket {
  readonly objects: Versions;
  readonly uploads: Map<string, Upload>;
  /** Empty when there is no configuration. */
  lifecycle: readonly LifecycleRule[];
}

export type Buckets = Map<string, Bucket>;

/** @param newNumber Greater than all before. */
export function newBucket(newNumber: () => number): Bucket {
  return { objects: versionsOf(newNumber), uploads: new Map(), lifecycle: [] };
}

export function bucketNamed(buckets: Buckets, name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) {
    throw new S3Fault(404, 'NoSuchBucket', 'The specified bucket does not exist');
  }
  return bucket;
}

export function uploadWithId(bucket: Bucket, id: string, key: string): Upload {
  const upload = bucket.uploads.get(id);
  if (upload?.key !== key) {
    throw new S3Fault(
      404,
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    );
  }
  return upload;
}
