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
  /** A text that was not used before. */
  readonly newId: () => string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?:
    string | { readonly content: Content; readonly from: number; readonly to: number };
}
