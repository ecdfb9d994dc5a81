import { failedWith, ObjectStoreError } from '../error.js';
import type { ObjectInfo, OperationOptions } from '../store.js';
import type { Calls } from './calls.js';
import { reading, target, versionOf, type Place } from './place.js';

/** An object's description, and what its writer said beside it. */
export interface Head {
  readonly info: ObjectInfo;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Asks for an object without its bytes; `undefined` when it is absent. */
export async function head(
  calls: Calls,
  place: Place,
  options?: OperationOptions,
): Promise<Head | undefined> {
  try {
    const output = await calls.call(reading(place, options), (s3, o) =>
      s3.headObject(target(place), o),
    );
    const info = infoOf(place, output, output.ContentLength ?? 0);
    return { info, metadata: output.Metadata ?? {} };
  } catch (error) {
    if (!failedWith(error, 'not-found')) throw error;
    // An answer without a body does not say whether it is the key or the bucket that is absent.
    if (!calls.bucketSeen()) await checkBucket(calls, place, options);
    return undefined;
  }
}

/** The same, and `undefined` also for those who may write and not read. */
export async function headIfAllowed(...given: Parameters<typeof head>): Promise<Head | undefined> {
  try {
    return await head(...given);
  } catch (error) {
    if (failedWith(error, 'denied')) return undefined;
    throw error;
  }
}

export function infoOf(
  place: Place,
  output: {
    readonly ETag?: string | undefined;
    readonly ContentType?: string | undefined;
    readonly CacheControl?: string | undefined;
  },
  size: number,
): ObjectInfo {
  const { ContentType: contentType, CacheControl: cacheControl } = output;
  return {
    key: place.key,
    size,
    version: versionOf(place, output.ETag),
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
  };
}

async function checkBucket(
  calls: Calls,
  place: Place,
  options: OperationOptions | undefined,
): Promise<void> {
  try {
    await calls.call(reading(place, options), (s3, o) =>
      s3.headBucket({ Bucket: place.bucket }, o),
    );
  } catch (error) {
    // Who may not ask for the bucket has been told about the key nevertheless.
    if (failedWith(error, 'denied')) return;
    if (!failedWith(error, 'not-found')) throw error;
    throw new ObjectStoreError(
      'store-missing',
      `${place.where}: cannot read it: there is no bucket ${place.bucket}; check its name, the endpoint and the region, or create it`,
      { cause: error },
    );
  }
}
