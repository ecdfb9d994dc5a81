import { accessDenied, S3Fault } from './fault.js';
import { decoded, type S3Call } from './routes.js';
import type { S3World } from './world.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const actions: Readonly<Record<S3Call['operation'], string>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  CreateBucket: 's3:CreateBucket',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  DeleteObjects: 's3:DeleteObject',
  DeleteObject: 's3:DeleteObject',
  HeadObject: 's3:GetObject',
  GetObject: 's3:GetObject',
  GetObjectTagging: 's3:GetObjectTagging',
  PutObject: 's3:PutObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
};

/**
 * Refuses what the one who asks may not do, where rights are told apart at all. Returns the same S3 as it is
 * for them: who may not list a bucket is not told that a key is absent.
 */
export function checkRights(world: S3World, call: S3Call, accessKeyId: string): S3World {
  const { permits } = world.options;
  if (permits === undefined) return world;
  const of = (action: string, resource: string) =>
    permits(accessKeyId, { action, resource: `arn:aws:s3:::${resource}` });
  const { bucket, key, operation, headers } = call;
  const own = of(actions[operation], key === '' ? bucket : `${bucket}/${key}`);
  if (own === 'expired') throw new S3Fault(400, 'ExpiredToken', 'The provided token has expired.');
  const source = headers['x-amz-copy-source'];
  const reads =
    typeof source === 'string' ? of('s3:GetObject', decoded(source.replace(/^\//, ''))) : own;
  if (own !== 'allowed' || reads !== 'allowed') throw accessDenied();
  return {
    ...world,
    options: { ...world.options, mayList: of('s3:ListBucket', bucket) === 'allowed' },
  };
}
