import { ObjectStoreError } from '../error.js';
import { parseKey } from '../key.js';
import type { ObjectInfo, OperationOptions } from '../store.js';
import type { Calls } from './calls.js';
import { placeOf, versionOf } from './place.js';

/** The objects of a bucket whose keys begin with a prefix, in order, page by page. */
export async function* listing(
  calls: Calls,
  bucket: string,
  prefix: string,
  options: OperationOptions | undefined,
): AsyncIterable<ObjectInfo> {
  const task = {
    where: `s3://${bucket}/${prefix}`,
    act: 'list it',
    permission: 's3:ListBucket',
    signal: options?.signal,
  };
  let after: string | undefined;
  do {
    const request = {
      Bucket: bucket,
      Prefix: prefix,
      ContinuationToken: after,
      // Others may have put keys there that XML cannot hold.
      EncodingType: 'url',
    } as const;
    const page = await calls.call(task, (s3, o) => s3.listObjectsV2(request, o));
    for (const { Key = '', Size = 0, ETag } of page.Contents ?? []) {
      const key = page.EncodingType === 'url' ? decoded(Key) : Key;
      if (key !== undefined && isKey(key)) {
        yield { key, size: Size, version: versionOf(placeOf(bucket, key), ETag) };
      }
    }
    after = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (page.IsTruncated === true && after === undefined) throw endless(task.where);
  } while (after !== undefined);
}

function endless(where: string): ObjectStoreError {
  return new ObjectStoreError(
    'rejected',
    `${where}: cannot list it: the server says that there is more, and not how to go on; use another server`,
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** What others put there under keys that are none here, such as folders that end in "/", is none of the store's. */
function isKey(text: string): boolean {
  try {
    return parseKey(text) === text;
  } catch {
    return false;
  }
}
