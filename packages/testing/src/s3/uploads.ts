import { createHash } from 'node:crypto';

import { elements, unescaped } from '../xml.js';
import { contentOf, joined, sliceOf } from './content.js';
import { notImplemented, S3Fault } from './fault.js';
import { unquoted } from './conditions.js';
import { labelsOf } from './labels.js';
import { copySource } from './lookup.js';
import { rangeOf, store } from './objects.js';
import type { S3Call } from './routes.js';
import { bucketNamed, uploadWithId, type Part, type Upload } from './state.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

export function createUpload(world: S3World, { bucket, key, headers }: S3Call): Answer {
  const id = `upload-${world.newNumber()}`;
  const upload: Upload = { key, labels: labelsOf(headers), parts: new Map() };
  bucketNamed(world.buckets, bucket).uploads.set(id, upload);
  const result = { Bucket: bucket, Key: key, UploadId: id };
  return { body: xml('InitiateMultipartUploadResult', result) };
}

export function uploadPart(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const content = contentOf(body, world.options.sparse ?? false);
  const part = { content, etag: `"${content.md5}"` };
  uploadOf(world, call).parts.set(partNumber(call), part);
  return { headers: { etag: part.etag } };
}

export function uploadPartCopy(world: S3World, call: S3Call): Answer {
  const { withoutPartCopy = false, sparse = false } = world.options;
  if (withoutPartCopy) throw notImplemented('x-amz-copy-source');
  const upload = uploadOf(world, call);
  const { object, headers } = copySource(world, call.headers);
  const source = object.content;
  const header = call.headers['x-amz-copy-source-range'];
  const range = rangeOf(header as string | undefined, source.size);
  const { from, to } = range ?? { from: 0, to: source.size };
  const content = sliceOf(source, from, to, sparse);
  const part = { content, etag: `"${content.md5}"` };
  upload.parts.set(partNumber(call), part);
  const result = { LastModified: new Date().toISOString(), ETag: part.etag };
  return { headers, body: xml('CopyPartResult', result) };
}

export function completeUpload(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const { bucket, key } = call;
  const upload = uploadOf(world, call);
  const parts = chosenParts(upload, Buffer.concat(body).toString());
  const { smallestPart = 5 * 1024 * 1024 } = world.options;
  if (parts.slice(0, -1).some(({ content }) => content.size < smallestPart)) {
    throw new S3Fault(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
    );
  }
  const hash = createHash('md5');
  for (const { content } of parts) hash.update(Buffer.from(content.md5, 'hex'));
  const md5 = hash.digest('hex');
  const contents = parts.map(({ content }) => content);
  const tag = `${md5}-${parts.length}`;
  const { object, headers } = store(world, call, joined(contents, md5), tag, upload.labels);
  bucketNamed(world.buckets, bucket).uploads.delete(uploadId(call));
  const result = { Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: object.etag };
  return { headers, body: xml('CompleteMultipartUploadResult', result) };
}

export function abortUpload(world: S3World, call: S3Call): Answer {
  uploadOf(world, call);
  bucketNamed(world.buckets, call.bucket).uploads.delete(uploadId(call));
  return { status: 204 };
}

export function listUploads(world: S3World, { bucket }: S3Call): Answer {
  const uploads = [...bucketNamed(world.buckets, bucket).uploads];
  const Upload = uploads.map(([UploadId, { key }]) => ({ Key: key, UploadId }));
  return {
    body: xml('ListMultipartUploadsResult', { Bucket: bucket, IsTruncated: false, Upload }),
  };
}

function chosenParts(upload: Upload, document: string): readonly Part[] {
  const chosen = elements(document, 'Part').map((element) => ({
    number: Number(elements(element, 'PartNumber')[0]),
    etag: unescaped(elements(element, 'ETag')[0] ?? ''),
  }));
  if (chosen.length === 0) throw new S3Fault(400, 'MalformedXML', 'No parts are named.');
  return chosen.map(({ number, etag }, at) => {
    if (number <= (chosen[at - 1]?.number ?? 0)) {
      throw new S3Fault(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    const part = upload.parts.get(number);
    if (part === undefined || unquoted(part.etag) !== unquoted(etag)) {
      throw new S3Fault(
        400,
        'InvalidPart',
        'One or more of the specified parts could not be found.',
      );
    }
    return part;
  });
}

function uploadOf(world: S3World, call: S3Call): Upload {
  return uploadWithId(bucketNamed(world.buckets, call.bucket), uploadId(call), call.key);
}

function uploadId({ query }: S3Call): string {
  return query.get('uploadId') ?? '';
}

function partNumber({ query }: S3Call): number {
  const number = Number(query.get('partNumber'));
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw new S3Fault(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000');
}
