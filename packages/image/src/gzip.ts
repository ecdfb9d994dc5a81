import { crc32 } from 'node:zlib';

import type { Content } from '@teleport-plugins/oci';
import { Deflate } from 'pako';

/**
 * The gzip form of content: the same bytes on every Node version, processor and machine. Node's own
 * zlib does not promise that, so this is a JavaScript port of zlib. How the content is cut into
 * pieces makes no difference. https://www.rfc-editor.org/rfc/rfc1952
 */
export async function* gzip(content: Content): Content {
  const compressed: Uint8Array[] = [];
  const deflate = new Deflate({ raw: true, level: 6, chunkSize: pieceSize });
  deflate.onData = (piece) => compressed.push(piece);
  let checksum = 0;
  let size = 0;

  yield header;
  for await (const piece of inEqualPieces(content)) {
    checksum = crc32(piece, checksum);
    size += piece.length;
    deflate.push(piece, false);
    yield* compressed.splice(0);
  }
  deflate.push(new Uint8Array(0), true);
  yield* compressed;
  yield trailer(checksum, size);
}

const pieceSize = 64 * 1024;

/** Deflate, no flags, no time, no compression hint, unknown operating system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

function trailer(checksum: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(size % 2 ** 32, 4);
  return bytes;
}

/** The content in pieces of 64 KiB and a last smaller one. */
async function* inEqualPieces(content: Content): Content {
  let buffer = new Uint8Array(pieceSize);
  let filled = 0;
  for await (const piece of content) {
    for (let offset = 0; offset < piece.length;) {
      const part = piece.subarray(offset, offset + pieceSize - filled);
      buffer.set(part, filled);
      filled += part.length;
      offset += part.length;
      if (filled < pieceSize) continue;
      yield buffer;
      buffer = new Uint8Array(pieceSize);
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
