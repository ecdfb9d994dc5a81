import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { notImplemented, S3Fault } from './fault.js';

/** A request as S3 understands it. */
export interface S3Call {
  /** S3's name: `PutObject`. */
  readonly operation: Operation;
  /** Empty for operations on none. */
  readonly bucket: string;
  /** Empty for operations on buckets. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

type Operation = (typeof routes)[number][0];

/** Buckets are found in the path, and before this domain in the name of the host. */
const domain = 's3.test';

/** Operation, method, on what, and the parameter or header by which it is known; first match. */
const routes = [
  ['ListBuckets', 'GET', 'service'],
  ['PutBucketVersioning', 'PUT', 'bucket', 'versioning'],
  ['PutBucketLifecycleConfiguration', 'PUT', 'bucket', 'lifecycle'],
  ['CreateBucket', 'PUT', 'bucket'],
  ['HeadBucket', 'HEAD', 'bucket'],
  ['DeleteObjects', 'POST', 'bucket', 'delete'],
  ['GetBucketVersioning', 'GET', 'bucket', 'versioning'],
  ['GetBucketLifecycleConfiguration', 'GET', 'bucket', 'lifecycle'],
  ['ListObjectVersions', 'GET', 'bucket', 'versions'],
  ['ListMultipartUploads', 'GET', 'bucket', 'uploads'],
  ['ListObjectsV2', 'GET', 'bucket', 'list-type'],
  ['UploadPartCopy', 'PUT', 'object', 'uploadId', 'x-amz-copy-source'],
  ['UploadPart', 'PUT', 'object', 'uploadId'],
  ['CopyObject', 'PUT', 'object', undefined, 'x-amz-copy-source'],
  ['PutObject', 'PUT', 'object'],
  ['CreateMultipartUpload', 'POST', 'object', 'uploads'],
  ['CompleteMultipartUpload', 'POST', 'object', 'uploadId'],
  ['AbortMultipartUpload', 'DELETE', 'object', 'uploadId'],
  ['DeleteObject', 'DELETE', 'object'],
  ['HeadObject', 'HEAD', 'object'],
  ['GetObjectTagging', 'GET', 'object', 'tagging'],
  ['GetObject', 'GET', 'object'],
] as const satisfies readonly Route[];

/** What is looked at. Others could make another operation of it, and are refused. */
const parameters = [
  ...['delete', 'uploads', 'uploadId', 'partNumber', 'tagging', 'x-id'],
  ...['list-type', 'prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token'],
  ...['encoding-type', 'fetch-owner'],
  ...['versioning', 'lifecycle', 'versions', 'versionId', 'key-marker', 'version-id-marker'],
];

/** What can be asked for of one version. */
const ofVersions: readonly Operation[] = [
  ...(['DeleteObject', 'HeadObject', 'GetObjectTagging', 'GetObject'] as const),
];

type Route = readonly [string, string, Level, parameter?: string | undefined, header?: string];
type Level = 'service' | 'bucket' | 'object';

/** Throws when it is nothing that this S3 knows. */
export function parseCall(request: IncomingMessage): S3Call {
  const { method = '', headers } = request;
  // Not by URL, which resolves the segments "." and "..".
  const [path = '', search = ''] = (request.url ?? '/').split(/\?(.*)/, 2);
  const query = new URLSearchParams(search);
  const unknown = [...query.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) throw notImplemented(unknown);
  const { bucket, key } = placeOf(headers.host ?? '', path);
  const level: Level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const route = (routes as readonly Route[]).find(
    ([, itsMethod, itsLevel, parameter, header]) =>
      itsMethod === method &&
      itsLevel === level &&
      (parameter === undefined || query.has(parameter)) &&
      (header === undefined || headers[header] !== undefined),
  );
  if (route === undefined) {
    throw new S3Fault(405, 'MethodNotAllowed', `${method} of a ${level}: not known here`);
  }
  const operation = route[0] as Operation;
  if (query.has('versionId') && !ofVersions.includes(operation)) {
    throw new S3Fault(400, 'InvalidArgument', 'This operation does not accept a version-id.');
  }
  return { operation, bucket, key, query, headers };
}

function placeOf(host: string, path: string): { readonly bucket: string; readonly key: string } {
  const [hostname = ''] = host.split(':');
  const text = decoded(path.slice(1));
  if (hostname.endsWith(`.${domain}`)) {
    return { bucket: hostname.slice(0, -domain.length - 1), key: text };
  }
  const slash = text.indexOf('/');
  if (slash === -1) return { bucket: text, key: '' };
  return { bucket: text.slice(0, slash), key: text.slice(slash + 1) };
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Fault(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}
