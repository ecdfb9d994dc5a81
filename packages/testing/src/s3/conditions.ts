import type { IncomingHttpHeaders } from 'node:http';

import { noSuchKey, notImplemented, preconditionFailed, S3Fault } from './fault.js';
import type { StoredObject } from './stored-object.js';

/**
 * Whether a write may go on, decided at the moment in which it has its effect.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWriteConditions(
  headers: IncomingHttpHeaders,
  current: StoredObject | undefined,
  ignored: { readonly ifMatch: boolean; readonly ifNoneMatch: boolean },
): void {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && !ignored.ifNoneMatch) {
    if (ifNoneMatch !== '*') throw notImplemented('If-None-Match');
    if (current !== undefined) throw preconditionFailed();
  }
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !ignored.ifMatch) {
    if (current === undefined) throw noSuchKey(true);
    if (ifMatch !== '*' && unquoted(ifMatch) !== unquoted(current.etag)) throw preconditionFailed();
  }
}

/** Whether an object may be read as asked for. */
export function checkReadConditions(headers: IncomingHttpHeaders, object: StoredObject): void {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && unquoted(ifMatch) !== unquoted(object.etag)) {
    throw preconditionFailed();
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && unquoted(ifNoneMatch) === unquoted(object.etag)) {
    throw new S3Fault(304, 'NotModified', 'Not Modified');
  }
}

export function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
