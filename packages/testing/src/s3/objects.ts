import { checkReadConditions, checkWriteConditions } from './conditions.js';
import { contentOf, sliceOf, type Content } from './content.js';
import { S3Fault } from './fault.js';
import { headersOf, labelsOf } from './labels.js';
import { copySource, objectAt, placeOf, type Found } from './lookup.js';
import type { S3Call } from './routes.js';
import { bucketNamed } from './state.js';
import type { Labels } from './stored-object.js';
import { newVersionHeaders } from './versions.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

export function putObject(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const content = contentOf(body, world.options.sparse ?? false);
  const { object, headers } = store(world, call, content, content.md5, labelsOf(call.headers));
  return { headers: { etag: object.etag, ...headers } };
}

/** The one place in which a request gives a key an object. */
export function store(
  world: S3World,
  { bucket, key, headers }: S3Call,
  content: Content,
  tag: string,
  labels: Labels,
): Found {
  const { objects } = bucketNamed(world.buckets, bucket);
  const { ignoresConditions } = world.options;
  const isUpload = tag.includes('-');
  const all =
    ignoresConditions === 'of all writes' || (ignoresConditions === 'of uploads' && isUpload);
  checkWriteConditions(headers, objects.newest(key)?.object, {
    ifNoneMatch: all,
    ifMatch: all || ignoresConditions === 'if-match',
  });
  const object = { ...labels, content, etag: `"${tag}"`, modified: new Date() };
  return { object, headers: newVersionHeaders(objects.put(key, object)) };
}

export function getObject(world: S3World, call: S3Call): Answer {
  const { object, headers } = objectAt(world, placeOf(call));
  if (world.options.ignoresConditions !== 'of reads') checkReadConditions(call.headers, object);
  const { size } = object.content;
  const range =
    world.options.withoutRanges === true ? undefined : rangeOf(call.headers.range, size);
  const { from, to } = range ?? { from: 0, to: size };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headersOf(object),
      ...headers,
      'content-length': String(to - from),
      ...(range !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${size}` }),
    },
    body: { content: object.content, from, to },
  };
}

export function headObject(world: S3World, call: S3Call): Answer {
  const { object, headers } = objectAt(world, placeOf(call));
  checkReadConditions(call.headers, object);
  return {
    headers: { ...headersOf(object), ...headers, 'content-length': String(object.content.size) },
  };
}

/** There are none: clients ask before they copy. */
export function getTags(world: S3World, call: S3Call): Answer {
  const { headers } = objectAt(world, placeOf(call));
  return { headers, body: xml('Tagging', { TagSet: '' }) };
}

export function copyObject(world: S3World, call: S3Call): Answer {
  const { object: source, headers: sourceVersion } = copySource(world, call.headers);
  const content = sliceOf(source.content, 0, source.content.size, world.options.sparse ?? false);
  const isReplaced = call.headers['x-amz-metadata-directive'] === 'REPLACE';
  const labels = isReplaced ? labelsOf(call.headers) : source;
  const { object, headers } = store(world, call, content, content.md5, labels);
  const result = { LastModified: object.modified.toISOString(), ETag: object.etag };
  return { headers: { ...headers, ...sourceVersion }, body: xml('CopyObjectResult', result) };
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
