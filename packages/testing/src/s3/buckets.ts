import { accessDenied } from './fault.js';
import type { S3Call } from './routes.js';
import { bucketNamed, newBucket, type StoredObject } from './state.js';
import type { Answer, S3World } from './world.js';
import { xml, type Tree } from './xml.js';

export function listBuckets({ buckets }: S3World): Answer {
  const Bucket = [...buckets.keys()].map((Name) => ({ Name, CreationDate: epoch }));
  return { body: xml('ListAllMyBucketsResult', { Buckets: { Bucket } }) };
}

export function createBucket({ buckets }: S3World, { bucket }: S3Call): Answer {
  if (!buckets.has(bucket)) buckets.set(bucket, newBucket());
  return { headers: { location: `/${bucket}` } };
}

export function headBucket({ buckets, region }: S3World, { bucket }: S3Call): Answer {
  bucketNamed(buckets, bucket);
  return { headers: { 'x-amz-bucket-region': region } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(world: S3World, { bucket, query }: S3Call): Answer {
  const { objects } = bucketNamed(world.buckets, bucket);
  if (world.options.mayList === false) throw accessDenied();
  const text = (name: string) => query.get(name) ?? '';
  const prefix = text('prefix');
  const after = query.has('continuation-token')
    ? fromToken(text('continuation-token'))
    : text('start-after');
  const { pageSize = 1000 } = world.options;
  const limit = Math.min(pageSize, Number(query.get('max-keys') ?? pageSize));
  const shown = query.get('encoding-type') === 'url' ? encoded : (key: string) => key;

  const entries = [...entriesOf(objects, prefix, text('delimiter'))]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter(([name]) => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0);
  const page = entries.slice(0, limit);
  const isTruncated = page.length < entries.length;
  const last = page.at(-1)?.[0];
  return {
    body: xml('ListBucketResult', {
      Name: bucket,
      Prefix: shown(prefix),
      KeyCount: page.length,
      MaxKeys: limit,
      IsTruncated: isTruncated,
      EncodingType: query.get('encoding-type') ?? undefined,
      NextContinuationToken: isTruncated && last !== undefined ? toToken(last) : undefined,
      Contents: page.flatMap(([name, object]) => (object ? [contents(shown(name), object)] : [])),
      CommonPrefixes: page.flatMap(([name, object]) => (object ? [] : [{ Prefix: shown(name) }])),
    }),
  };
}

/** Keys with their objects, and what several keys share up to the delimiter, without one. */
function entriesOf(
  objects: ReadonlyMap<string, StoredObject>,
  prefix: string,
  delimiter: string,
): ReadonlyMap<string, StoredObject | undefined> {
  const entries = new Map<string, StoredObject | undefined>();
  for (const [key, object] of objects) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end === -1) entries.set(key, object);
    else entries.set(key.slice(0, end + delimiter.length), undefined);
  }
  return entries;
}

function contents(Key: string, { content, etag, modified }: StoredObject): Tree {
  return {
    Key,
    LastModified: modified.toISOString(),
    ETag: etag,
    Size: content.size,
    StorageClass: 'STANDARD',
  };
}

/** As S3 does: a space is a plus sign, and a slash stays. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}

const epoch = new Date(0).toISOString();
