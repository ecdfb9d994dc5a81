import { copySourceOf } from './copy-source.js';
import { accessDenied, S3Fault } from './fault.js';
import type { S3Call } from './routes.js';
import type { S3World } from './world.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const actions: Readonly<Record<S3Call['operation'], string | undefined>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  PutBucketVersioning: 's3:PutBucketVersioning',
  GetBucketVersioning: 's3:GetBucketVersioning',
  PutBucketLifecycleConfiguration: 's3:PutLifecycleConfiguration',
  GetBucketLifecycleConfiguration: 's3:GetLifecycleConfiguration',
  ListObjectVersions: 's3:ListBucketVersions',
  CreateBucket: 's3:CreateBucket',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  // Decided for each of the objects.
  DeleteObjects: undefined,
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

/** There are actions of their own for what names a version. */
const versionActions: Partial<Readonly<Record<S3Call['operation'], string>>> = {
  DeleteObject: 's3:DeleteObjectVersion',
  HeadObject: 's3:GetObjectVersion',
  GetObject: 's3:GetObjectVersion',
  GetObjectTagging: 's3:GetObjectVersionTagging',
};

/**
 * Refuses what the one who asks may not do, where rights are told apart at all. Returns the same S3 as it is
 * for them: who may not list a bucket is not told that a key is absent.
 */
export function checkRights(world: S3World, call: S3Call, accessKeyId: string): S3World {
  const { permits } = world.options;
  if (permits === undefined) return world;
  const of = (action: string, bucket: string, key: string) => {
    const resource = `arn:aws:s3:::${key === '' ? bucket : `${bucket}/${key}`}`;
    return permits(accessKeyId, { action, resource });
  };
  if (of('s3:ListBucket', call.bucket, '') === 'expired') {
    throw new S3Fault(400, 'ExpiredToken', 'The provided token has expired.');
  }
  if (wishesOf(call).some((wish) => of(...wish) !== 'allowed')) throw accessDenied();
  return {
    ...world,
    allows: (...wish) => of(...wish) === 'allowed',
    options: { ...world.options, mayList: of('s3:ListBucket', call.bucket, '') === 'allowed' },
  };
}

/** The action for the removal of one object, among several too. */
export function deletionAction(versionId: string | undefined): string {
  return versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
}

type Wish = readonly [action: string, bucket: string, key: string];

function wishesOf({ operation, bucket, key, query, headers }: S3Call): readonly Wish[] {
  const ofVersion = query.has('versionId') ? versionActions[operation] : undefined;
  const action = ofVersion ?? actions[operation];
  const own: readonly Wish[] = action === undefined ? [] : [[action, bucket, key]];
  if (headers['x-amz-copy-source'] === undefined) return own;
  const source = copySourceOf(headers);
  const reading = source.versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  return [...own, [reading, source.bucket, source.key]];
}
