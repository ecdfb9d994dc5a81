import type { Content } from './content.js';
import type { S3Credentials } from './authentication.js';
import type { S3Options } from './options.js';
import type { Buckets } from './state.js';

/** All that an S3 has, and is told to be. */
export interface S3World {
  readonly buckets: Buckets;
  readonly credentials: S3Credentials;
  readonly region: string;
  readonly options: S3Options;
  /** Greater than all before. */
  readonly newNumber: () => number;
  /** Whether the one who asks may do it to a key, or with `''` to the bucket itself. */
  readonly allows: (action: string, bucket: string, key: string) => boolean;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?:
    string | { readonly content: Content; readonly from: number; readonly to: number };
}
