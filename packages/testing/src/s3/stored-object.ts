import type { Content } from './content.js';

/** The headers that are kept with an object. */
export interface Labels {
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
  /** `x-amz-meta-…`, by the whole name. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StoredObject extends Labels {
  readonly content: Content;
  /** In its quotes. */
  readonly etag: string;
  readonly modified: Date;
}
