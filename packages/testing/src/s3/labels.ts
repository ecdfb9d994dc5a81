import type { IncomingHttpHeaders } from 'node:http';

import type { Tree } from '../xml.js';
import type { Labels, StoredObject } from './stored-object.js';

/** What a request says of the object that it makes. */
export function labelsOf(headers: IncomingHttpHeaders): Labels {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return {
    contentType: headers['content-type'] ?? 'binary/octet-stream',
    cacheControl: headers['cache-control'],
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
  };
}

/** What an answer says of the object that it is about. */
export function headersOf(object: StoredObject): Readonly<Record<string, string>> {
  const { contentType, cacheControl, metadata, etag, modified } = object;
  return {
    'accept-ranges': 'bytes',
    'content-type': contentType,
    ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
    ...metadata,
    etag,
    'last-modified': modified.toUTCString(),
  };
}

/** What a listing says of an object. */
export function contentsOf(Key: string, { content, etag, modified }: StoredObject): Tree {
  return {
    Key,
    LastModified: modified.toISOString(),
    ETag: etag,
    Size: content.size,
    StorageClass: 'STANDARD',
  };
}
