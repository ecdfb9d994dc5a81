import { createHash } from 'node:crypto';

import { ObjectStoreError } from './error.js';
import type { Body, OperationOptions, StreamedBody } from './store.js';

/** A body in the one shape that stores work with. */
export function streamed(body: Body): StreamedBody {
  if (!(body instanceof Uint8Array)) return body;
  return { size: body.byteLength, open: () => whole(body) };
}

/**
 * The bytes of a body, which cannot end unless they are what the body says: otherwise the iteration throws
 * `content-mismatch`, and no byte too many is passed on. `where` is the object, for the message.
 */
export async function* checked(
  where: string,
  body: StreamedBody,
  options?: OperationOptions,
): AsyncIterable<Uint8Array> {
  const hash = body.sha256 === undefined ? undefined : createHash('sha256');
  let size = 0;
  for await (const piece of body.open()) {
    options?.signal?.throwIfAborted();
    size += piece.byteLength;
    if (size > body.size) throw mismatch(where, `has more than its ${body.size} bytes`);
    hash?.update(piece);
    yield piece;
  }
  if (size !== body.size) throw mismatch(where, `ended after ${size} of its ${body.size} bytes`);
  const found = hash?.digest('hex');
  if (found !== body.sha256) {
    throw mismatch(where, `has the sha256 ${found ?? ''}, not ${body.sha256 ?? ''}`);
  }
}

/** All bytes of a content that is known to be small. Throws `content-too-large` beyond `limit` bytes. */
export async function readAll(
  where: string,
  content: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.byteLength;
    if (size > limit) throw tooLarge(where, limit);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

export function tooLarge(where: string, limit: number): ObjectStoreError {
  return new ObjectStoreError(
    'content-too-large',
    `${where}: has more than the ${limit} bytes that are read of such an object; check what is stored there`,
  );
}

// eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous for those sources that are
async function* whole(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A copy, so that neither side sees what the other one does to its buffer later. */
// eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous for those sources that are
export async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.byteLength > 0) yield Uint8Array.from(bytes);
}

function mismatch(where: string, what: string): ObjectStoreError {
  return new ObjectStoreError(
    'content-mismatch',
    `${where}: the content to be stored ${what}; nothing was stored`,
  );
}
