import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';

import { ObjectStoreError } from '../error.js';
import { quoted } from '../quoted.js';

/** As the SDK takes them. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When they run out; some minutes before that they are asked for again. */
  readonly expiration?: Date | undefined;
}

export interface S3StoreOptions {
  readonly bucket: string;
  /** What all keys begin with, before a slash. Default: nothing. */
  readonly prefix?: string | undefined;
  readonly region: string;
  /** `https://host[:port]` of a server other than AWS's. */
  readonly endpoint?: string | undefined;
  /** Where the bucket's name goes. Default: into the host for AWS, into the path elsewhere. */
  readonly addressing?: 'path' | 'virtual-host' | undefined;
  /** Asked for as needed. What it throws is thrown by the operation, as it is. */
  readonly credentials: () => Promise<S3Credentials>;
  /** The connections, to go through a proxy for instance. Default: kept alive, no proxy. */
  readonly agents?: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } | undefined;
}

/** How much at once, how often again, how long. Sizes in bytes, times in milliseconds. */
export interface Tuning {
  /** The largest body that is sent in one request, and held in memory for it. */
  readonly singleLimit: number;
  /** Of larger bodies. S3 wants 5 MiB or more. */
  readonly partSize: number;
  /** Of one body: 10,000 in S3. Those of a body that is too large for it are larger. */
  readonly mostParts: number;
  /** How many parts are on their way at once; one more is being read. */
  readonly concurrency: number;
  /** The largest object, and part of one, that the server copies in one request: 5 GiB in S3. */
  readonly copyLimit: number;
  /** How often a request is repeated, at most. */
  readonly retries: number;
  readonly timeouts: {
    readonly connect: number;
    /** Without a byte in either direction. */
    readonly idle: number;
    /** Until an answer begins. */
    readonly answer: number;
  };
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

const mebibyte = 1024 * 1024;

export const defaultTuning: Tuning = {
  singleLimit: 8 * mebibyte,
  partSize: 8 * mebibyte,
  mostParts: 10_000,
  concurrency: 4,
  copyLimit: 5 * 1024 * mebibyte,
  retries: 5,
  timeouts: { connect: 5_000, idle: 60_000, answer: 600_000 },
  sleep: async (milliseconds, signal) => {
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(milliseconds, undefined, signal && { signal });
  },
  random: Math.random,
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function parseBucket(text: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text) && !text.includes('..')) return text;
  throw new ObjectStoreError(
    'location-invalid',
    `${quoted(text)} is not the name of a bucket: expected 3 to 63 small letters, digits, dots and dashes`,
  );
}

/** The origin of a server: `https://host[:port]`. */
export function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (url && isOrigin && /^https?:$/.test(url.protocol) && url.username + url.password === '') {
    return url.origin;
  }
  // Not quoted: there can be a password in it.
  throw new ObjectStoreError(
    'location-invalid',
    "the endpoint of an S3 server is not a URL of http or https without path, query and password; give its origin, as in 'https://s3.example.com'",
  );
}
