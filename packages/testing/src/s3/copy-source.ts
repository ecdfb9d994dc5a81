import type { IncomingHttpHeaders } from 'node:http';

import { decoded } from './routes.js';

/** What is read: the newest version when none is named. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `x-amz-copy-source: /bucket/key?versionId=…`, where a question mark of the key is `%3F`. */
export function copySourceOf(headers: IncomingHttpHeaders): ObjectPlace {
  const header = String(headers['x-amz-copy-source']);
  const [, place = '', versionId] = /^\/?(.*?)(?:\?versionId=([^?]*))?$/s.exec(header) ?? [];
  const text = decoded(place);
  const slash = text.indexOf('/');
  return { bucket: text.slice(0, slash), key: text.slice(slash + 1), versionId };
}
