import { createHash } from 'node:crypto';

import { splitDigest } from './digest.js';
import type { Descriptor } from './descriptor.js';
import { OciError } from './error.js';
import type { OperationOptions } from './operation.js';

/**
 * Bytes that arrive in pieces, read at most once. A blob is never held as one buffer. A piece belongs
 * to the reader once it is yielded: a source does not write into it again.
 */
export type Content = AsyncIterable<Uint8Array>;

/** Bytes at hand, as content. */
// eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous for those sources that are
export async function* contentOf(bytes: Uint8Array): Content {
  yield bytes;
}

/**
 * The same content, which cannot end unless it was the `size` bytes with the `digest` of the
 * descriptor: otherwise the iteration throws `content-mismatch`. More than `size` bytes are cut before
 * a byte too many is passed on, and the last piece is held back until the digest is known to match, so
 * that a reader that ignores the error (a request with a Content-Length) does not get the whole either.
 */
export async function* verified(
  content: Content,
  descriptor: Descriptor,
  options: { /** Where the content comes from, for the error's message. */ from?: string } = {},
): Content {
  const hash = createHash(splitDigest(descriptor.digest).algorithm);
  const what =
    options.from === undefined ? descriptor.digest : `${descriptor.digest} from ${options.from}`;
  let size = 0;
  let last: Uint8Array | undefined;
  for await (const piece of content) {
    if (piece.byteLength === 0) continue; // must not take the place of the last piece
    size += piece.byteLength;
    if (size > descriptor.size) {
      throw mismatch(`${what} is longer than its ${descriptor.size} bytes`);
    }
    hash.update(piece);
    if (last !== undefined) yield last;
    last = piece;
  }
  if (size !== descriptor.size) {
    throw mismatch(`${what} ended after ${size} of its ${descriptor.size} bytes`);
  }
  const hex = hash.digest('hex');
  if (!descriptor.digest.endsWith(`:${hex}`)) {
    throw mismatch(`${what} has other bytes, with the digest ${hex}`);
  }
  if (last !== undefined) yield last;
}

/** All bytes of a content that is known to be small. Throws `content-too-large` beyond `limit` bytes. */
export async function readAll(
  content: Content,
  options: OperationOptions & { readonly limit: number },
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    options.signal?.throwIfAborted();
    size += piece.byteLength;
    if (size > options.limit) {
      throw new OciError(
        'content-too-large',
        `expected at most ${options.limit} bytes, found more`,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function mismatch(message: string): OciError {
  return new OciError('content-mismatch', `${message}; nothing of it may be used`);
}
