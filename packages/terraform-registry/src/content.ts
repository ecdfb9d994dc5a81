/**
 * Bytes that arrive in pieces, read at most once. A piece belongs to the reader once it is yielded: a
 * source does not write into it again.
 */
export type Content = AsyncIterable<Uint8Array>;

/** What every operation accepts. */
export interface OperationOptions {
  readonly signal?: AbortSignal;
}
