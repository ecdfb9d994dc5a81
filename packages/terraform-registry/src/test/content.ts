import type { Content } from '../content.js';

/** Bytes as content that is cut into pieces of these sizes; the rest is the last piece. */
// eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous for those sources that are
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[] = []): Content {
  let offset = 0;
  for (const size of sizes) {
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
  if (offset < bytes.length) yield bytes.subarray(offset);
}

export async function collect(content: Content): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Bytes of so many MiB that compress as programs do: to about a third. */
export function programBytes(mebibytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(Math.round(mebibytes * 1024 * 1024));
  let state = seed;
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const isRandom = (at >> 6) % 3 === 0;
    bytes.writeUInt32LE(isRandom ? state : (at >> 8) & 0xffff, Math.min(at, bytes.length - 4));
  }
  return bytes;
}
