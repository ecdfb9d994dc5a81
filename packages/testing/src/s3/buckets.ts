import { accessDenied } from './fault.js';
import { compareKeys, entriesOf, pageLimit, writtenIn } from './listing.js';
import type { S3Call } from './routes.js';
import { contentsOf } from './labels.js';
import { bucketNamed, newBucket } from './state.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

export function listBuckets({ buckets }: S3World): Answer {
  const Bucket = [...buckets.keys()].map((Name) => ({ Name, CreationDate: epoch }));
  return { body: xml('ListAllMyBucketsResult', { Buckets: { Bucket } }) };
}

export function createBucket({ buckets, newNumber }: S3World, { bucket }: S3Call): Answer {
  if (!buckets.has(bucket)) buckets.set(bucket, newBucket(newNumber));
  return { headers: { location: `/${bucket}` } };
}

export function headBucket({ buckets, region }: S3World, { bucket }: S3Call): Answer {
  bucketNamed(buckets, bucket);
  return { headers: { 'x-amz-bucket-region': region } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(world: S3World, call: S3Call): Answer {
  const { bucket, query } = call;
  const { objects } = bucketNamed(world.buckets, bucket);
  if (world.options.mayList === false) throw accessDenied();
  const text = (name: string) => query.get(name) ?? '';
  const prefix = text('prefix');
  const after = query.has('continuation-token')
    ? fromToken(text('continuation-token'))
    : text('start-after');
  const limit = pageLimit(world, call);
  const written = writtenIn(call);

  const entries = entriesOf(objects.current(), prefix, text('delimiter')).filter(
    ([name]) => compareKeys(name, after) > 0,
  );
  const page = entries.slice(0, limit);
  const isTruncated = page.length < entries.length;
  const last = page.at(-1)?.[0];
  return {
    body: xml('ListBucketResult', {
      Name: bucket,
      Prefix: written(prefix),
      KeyCount: page.length,
      MaxKeys: limit,
      IsTruncated: isTruncated,
      EncodingType: query.get('encoding-type') ?? undefined,
      NextContinuationToken: isTruncated && last !== undefined ? toToken(last) : undefined,
      Contents: page.flatMap(([name, object]) =>
        object ? [contentsOf(written(name), object)] : [],
      ),
      CommonPrefixes: page.flatMap(([name, object]) => (object ? [] : [{ Prefix: written(name) }])),
    }),
  };
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}

const epoch = new Date(0).toISOString();
