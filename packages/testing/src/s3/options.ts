import type { Permission, S3Wish } from './wish.js';

export interface S3Options {
  /** Default: one, `bucket`. */
  readonly buckets?: readonly string[];
  readonly region?: string;
  /** How many keys, or versions, a page of a listing has at most. Default: 1000, as S3's. */
  readonly pageSize?: number;
  /** How small all parts of an upload but the last may be, in bytes. Default: 5 MiB, as S3's. */
  readonly smallestPart?: number;
  /**
   * What access keys may do, for example those of an emulated AWS (`aws.permits`). Default: the one key of
   * `credentials` may do everything.
   */
  readonly permits?: (accessKeyId: string, wish: S3Wish) => Permission;
  /** Without `s3:ListBucket` S3 does not say that a key is absent, but 403. Default: true. */
  readonly mayList?: boolean;
  /**
   * Conditions that are not looked at, as by some servers: of all writes, or of those that
   * complete an upload of parts; or of reads. Default: none.
   */
  readonly ignoresConditions?: 'of all writes' | 'if-match' | 'of uploads' | 'of reads';
  /** Parts are not copied inside the server, as by some servers. Default: false. */
  readonly withoutPartCopy?: boolean;
  /** `Range` is not looked at, as by some servers. Default: false. */
  readonly withoutRanges?: boolean;
  /** Errors tell the session token of the one who asks. Default: false. */
  readonly repeatsToken?: boolean;
  /** Only the length of what is stored is kept, and so many zeros are given back. Default: false. */
  readonly sparse?: boolean;
}
