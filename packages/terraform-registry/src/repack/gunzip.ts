import { crc32 } from 'node:zlib';

import type { Content } from '../content.js';
import { byteReader, type ByteReader } from './byte-reader.js';
import { inflated, InflateError } from './inflate.js';
import { damaged } from './refusal.js';

/**
 * What a gzip file holds. It must be one member that is whole and has the checksum and the size of its
 * trailer, with nothing after it: Node's own reader reads several files in one as one, and says nothing
 * of some things that follow. https://www.rfc-editor.org/rfc/rfc1952
 */
export async function* gunzip(content: Content, where: string): Content {
  const reader = byteReader(content);
  await skipHeader(reader, where);
  const body = withoutTrailer(reader);
  let checksum = 0;
  let size = 0;
  try {
    for await (const piece of inflated(body.content)) {
      checksum = crc32(piece, checksum);
      size += piece.length;
      yield piece;
    }
  } catch (error) {
    throw error instanceof InflateError ? damaged(where, error.message, error) : error;
  }
  checkTrailer(body.trailer(), { checksum, size }, where);
}

const trailerSize = 8;
const longestHeader = 64 * 1024;

const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

async function skipHeader(reader: ByteReader, where: string): Promise<void> {
  const fixed = await reader.exactly(10);
  if (fixed === undefined) throw damaged(where, 'is too short for a gzip file');
  const flags = fixed.readUInt8(3);
  const isGzip = fixed.readUInt16BE(0) === 0x1f8b && fixed.readUInt8(2) === 8;
  if (!isGzip || (flags & flag.reserved) !== 0) throw damaged(where, 'is not a gzip file');
  if ((flags & flag.extra) !== 0) {
    const length = await reader.exactly(2);
    await reader.exactly(length?.readUInt16LE(0) ?? 0);
  }
  for (const text of [flag.name, flag.comment]) {
    if ((flags & text) !== 0) await skipText(reader, where);
  }
  if ((flags & flag.headerChecksum) !== 0) await reader.exactly(2);
}

async function skipText(reader: ByteReader, where: string): Promise<void> {
  for (let length = 0; length < longestHeader; length += 1) {
    const byte = await reader.exactly(1);
    if (byte === undefined || byte[0] === 0) return;
  }
  throw damaged(where, 'its gzip header has no end');
}

/** Everything but the last bytes; which those are is known only when the content ends. */
function withoutTrailer(reader: ByteReader) {
  let held: Buffer = Buffer.alloc(0);
  async function* content(): Content {
    for await (const piece of reader.rest()) {
      const known = Buffer.concat([held, piece]);
      const free = known.subarray(0, Math.max(known.length - trailerSize, 0));
      held = known.subarray(free.length);
      if (free.length > 0) yield free;
    }
  }
  return { content: content(), trailer: () => held };
}

function checkTrailer(
  trailer: Buffer,
  found: { readonly checksum: number; readonly size: number },
  where: string,
): void {
  if (trailer.length < trailerSize) throw damaged(where, 'is cut short');
  const isSame =
    trailer.readUInt32LE(0) === found.checksum && trailer.readUInt32LE(4) === found.size % 2 ** 32;
  if (!isSame) throw damaged(where, 'its content does not match its checksum');
}
