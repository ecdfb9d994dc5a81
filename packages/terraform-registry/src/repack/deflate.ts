import { promisify } from 'node:util';
import { constants, deflateRaw, type ZlibOptions } from 'node:zlib';

import type { Content } from '../content.js';

export interface DeflateOptions {
  /** How many chunks are compressed, or wait for being read, at once. */
  readonly concurrency?: number;
}

/**
 * The raw deflate form of content, compressed in chunks on several threads. Each chunk knows the 32 KiB
 * before it, so that little is lost, and ends at a byte, so that the chunks joined are one stream. Memory
 * is bounded by the concurrency. How the content is cut into pieces makes no difference to the bytes.
 * https://www.rfc-editor.org/rfc/rfc1951
 */
export async function* deflated(content: Content, options: DeflateOptions = {}): Content {
  const { concurrency = 4 } = options;
  const compressing: Promise<Uint8Array>[] = [];
  try {
    for await (const chunk of chunksOf(content)) {
      compressing.push(handled(compress(chunk)));
      const oldest = compressing.length >= concurrency ? compressing.shift() : undefined;
      if (oldest !== undefined) yield await oldest;
    }
    for (const each of compressing) yield await each;
  } finally {
    // Whoever stopped reading may rely on nothing going on here.
    await Promise.allSettled(compressing);
  }
}

export const chunkSize = 1024 * 1024;
const windowSize = 32 * 1024;

interface Chunk {
  readonly bytes: Uint8Array;
  /** What comes before it. */
  readonly dictionary: Uint8Array | undefined;
  readonly last: boolean;
}

/** The content in chunks of one size, of which the last may be smaller; one empty chunk when it is empty. */
async function* chunksOf(content: Content): AsyncGenerator<Chunk, void> {
  let chunk = Buffer.allocUnsafeSlow(chunkSize);
  let filled = 0;
  let dictionary: Uint8Array | undefined;
  for await (const piece of content) {
    for (let offset = 0; offset < piece.length;) {
      // A full chunk waits for more, because the last one ends differently.
      if (filled === chunkSize) {
        yield { bytes: chunk, dictionary, last: false };
        dictionary = chunk.subarray(chunkSize - windowSize);
        chunk = Buffer.allocUnsafeSlow(chunkSize);
        filled = 0;
      }
      const part = piece.subarray(offset, offset + chunkSize - filled);
      chunk.set(part, filled);
      filled += part.length;
      offset += part.length;
    }
  }
  yield { bytes: chunk.subarray(0, filled), dictionary, last: true };
}

const deflateOnThread = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);

function compress({ bytes, dictionary, last }: Chunk): Promise<Uint8Array> {
  return deflateOnThread(bytes, {
    level: 6,
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    // One turn of the event loop for each chunk.
    chunkSize: bytes.length + 4096,
    ...(dictionary === undefined ? {} : { dictionary: Buffer.from(dictionary) }),
  });
}

/** A failure counts when its turn comes; until then it is nobody's. */
function handled<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
