/** Bytes that arrive in pieces, read at most once. A blob is never held as one buffer. */
export type Content = AsyncIterable<Uint8Array>;
