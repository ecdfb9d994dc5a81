import { copyThrough } from '../copy.js';
import { parsePrefix } from '../key.js';
import { locate, locatedAs } from '../location.js';
import { prefixed } from '../prefixed.js';
import type { ObjectStore } from '../store.js';
import { s3Calls } from './calls.js';
import { get } from './get.js';
import { head } from './head.js';
import { listing } from './listing.js';
import {
  defaultTuning,
  parseBucket,
  parseEndpoint,
  type S3StoreOptions,
  type Tuning,
} from './options.js';
import { placeOf } from './place.js';
import { probe } from './probe.js';
import { put } from './put.js';
import { remove } from './remove.js';
import { copyInServer } from './server-copy.js';

/**
 * The objects of a bucket, or of a part of it, of AWS's S3 or of a server that speaks as it does. Versions are
 * ETags. Loads the SDK, and asks for credentials, with the first operation.
 */
export function s3Store(options: S3StoreOptions): ObjectStore {
  return openS3Store(options, defaultTuning);
}

/** The same, tuned otherwise. */
export function openS3Store(options: S3StoreOptions, tuning: Tuning): ObjectStore {
  const bucket = parseBucket(options.bucket);
  const { prefix = '', endpoint } = options;
  const server =
    endpoint === undefined ? `AWS ${partitionOf(options.region)}` : parseEndpoint(endpoint);
  const calls = s3Calls(options, tuning);
  let honoured: boolean | undefined;

  const store: ObjectStore = locatedAs((key) => ({ server, bucket, key }), {
    name: `s3://${bucket}`,
    head: async (key, o) => (await head(calls, placeOf(bucket, key), o))?.info,
    get: async (key, o) => get(calls, placeOf(bucket, key), o),
    put: async (key, body, o) => put(calls, placeOf(bucket, key), body, o),
    async *list(beginning, o) {
      o?.signal?.throwIfAborted();
      yield* listing(calls, bucket, parsePrefix(beginning), o);
    },
    async copy(from, key, o) {
      o.signal?.throwIfAborted();
      const place = placeOf(bucket, key);
      const location = locate(from.store, from.key);
      if (location?.server === server) {
        const version = await copyInServer(calls, { ...from, location }, place, o);
        if (version !== undefined) return version;
      }
      return copyThrough(from, store, key, o);
    },
    delete: async (key, o) => remove(calls, placeOf(bucket, key), o),
    async honoursConditions(o) {
      o?.signal?.throwIfAborted();
      return (honoured ??= await probe(calls, bucket, prefix, o));
    },
  });
  return prefix === '' ? store : prefixed(store, prefix);
}

/** Buckets can be copied between within one. */
function partitionOf(region: string): string {
  return /^(?:cn|us-gov|us-iso)/.exec(region)?.[0] ?? '';
}
