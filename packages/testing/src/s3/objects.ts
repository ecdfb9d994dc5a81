import type { IncomingHttpHeaders } from 'node:http';

import { checkReadConditions, checkWriteConditions } from './conditions.js';
import { contentOf, sliceOf, type Content } from './content.js';
import { noSuchKey, S3Fault } from './fault.js';
import { headersOf, labelsOf } from './labels.js';
import { decoded, type S3Call } from './routes.js';
import { bucketNamed, type Labels, type StoredObject } from './state.js';
import type { Answer, S3World } from './world.js';
import { elements, unescaped, xml } from './xml.js';

export function putObject(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const content = contentOf(body, world.options.sparse ?? false);
  const { etag } = store(world, call, content, content.md5, labelsOf(call.headers));
  return { headers: { etag } };
}

/** The one place in which a key gets an object. */
export function store(
  world: S3World,
  { bucket, key, headers }: S3Call,
  content: Content,
  tag: string,
  labels: Labels,
): StoredObject {
  const { objects } = bucketNamed(world.buckets, bucket);
  const { ignoresConditions } = world.options;
  const isUpload = tag.includes('-');
  const all =
    ignoresConditions === 'of all writes' || (ignoresConditions === 'of uploads' && isUpload);
  checkWriteConditions(headers, objects.get(key), {
    ifNoneMatch: all,
    ifMatch: all || ignoresConditions === 'if-match',
  });
  const object = { ...labels, content, etag: `"${tag}"`, modified: new Date() };
  objects.set(key, object);
  return object;
}

export function getObject(world: S3World, call: S3Call): Answer {
  const object = objectAt(world, call.bucket, call.key);
  if (world.options.ignoresConditions !== 'of reads') checkReadConditions(call.headers, object);
  const { size } = object.content;
  const range =
    world.options.withoutRanges === true ? undefined : rangeOf(call.headers.range, size);
  const { from, to } = range ?? { from: 0, to: size };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headersOf(object),
      'content-length': String(to - from),
      ...(range !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${size}` }),
    },
    body: { content: object.content, from, to },
  };
}

export function headObject(world: S3World, call: S3Call): Answer {
  const object = objectAt(world, call.bucket, call.key);
  checkReadConditions(call.headers, object);
  return {
    headers: { ...headersOf(object), 'content-length': String(object.content.size) },
  };
}

/** There are none: clients ask before they copy. */
export function getTags(world: S3World, { bucket, key }: S3Call): Answer {
  objectAt(world, bucket, key);
  return { body: xml('Tagging', { TagSet: '' }) };
}

export function deleteObject(world: S3World, { bucket, key }: S3Call): Answer {
  bucketNamed(world.buckets, bucket).objects.delete(key);
  return { status: 204 };
}

export function deleteObjects(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const { objects } = bucketNamed(world.buckets, call.bucket);
  const keys = elements(Buffer.concat(body).toString(), 'Key').map(unescaped);
  for (const key of keys) objects.delete(key);
  return { body: xml('DeleteResult', { Deleted: keys.map((Key) => ({ Key })) }) };
}

export function copyObject(world: S3World, call: S3Call): Answer {
  const source = copySource(world, call.headers);
  const content = sliceOf(source.content, 0, source.content.size, world.options.sparse ?? false);
  const isReplaced = call.headers['x-amz-metadata-directive'] === 'REPLACE';
  const labels = isReplaced ? labelsOf(call.headers) : source;
  const { etag, modified } = store(world, call, content, content.md5, labels);
  return { body: xml('CopyObjectResult', { LastModified: modified.toISOString(), ETag: etag }) };
}

/** The object that a copy is of. */
export function copySource(world: S3World, headers: IncomingHttpHeaders): StoredObject {
  const text = decoded(String(headers['x-amz-copy-source'])).replace(/^\//, '');
  const slash = text.indexOf('/');
  const object = objectAt(world, text.slice(0, slash), text.slice(slash + 1));
  checkReadConditions({ 'if-match': headers['x-amz-copy-source-if-match'] as string }, object);
  return object;
}

function objectAt({ buckets, options }: S3World, bucket: string, key: string): StoredObject {
  const object = bucketNamed(buckets, bucket).objects.get(key);
  if (object === undefined) throw noSuchKey(options.mayList ?? true);
  return object;
}

/** `undefined` for what is no range of one piece, which is as if there were none. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (from < to) return { from, to };
  throw new S3Fault(416, 'InvalidRange', 'The requested range is not satisfiable');
}
