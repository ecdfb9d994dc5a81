import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

import type { Content } from '../content.js';

/** Of compressed data that is not whole, or is more than one stream of it. */
export class InflateError extends Error {
  override readonly name = 'InflateError';
}

/**
 * What raw deflate data holds. The data must be one whole stream with nothing after it; otherwise the
 * iteration throws an `InflateError` instead of ending. An error of the content is passed on as it is.
 */
export async function* inflated(content: Content): Content {
  let fed = 0;
  async function* counted(): Content {
    for await (const piece of content) {
      fed += piece.length;
      yield piece;
    }
  }
  const inflate = createInflateRaw({ chunkSize: pieceSize });
  // It ends the iteration below with the error of either side.
  const feeding = pipeline(counted(), inflate).catch(() => undefined);
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!isOfZlib(cause)) throw cause;
    throw new InflateError('its compressed data is cut short or damaged', { cause });
  } finally {
    inflate.destroy();
    await feeding;
  }
  // Node takes what follows the end, and says nothing.
  if (inflate.bytesWritten !== fed) throw new InflateError('something follows its compressed data');
}

const pieceSize = 256 * 1024;

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
