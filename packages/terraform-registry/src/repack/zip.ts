import { crc32 } from 'node:zlib';

import type { Content } from '../content.js';
import { deflated, type DeflateOptions } from './deflate.js';
import {
  centralHeader,
  dataDescriptor,
  endOfArchive,
  localHeader,
  needsZip64,
  type ZipRecord,
} from './zip-headers.js';

/** A file to be put into a zip archive. */
export interface ZipFile {
  /** Its path in the archive, with `/`. */
  readonly name: string;
  readonly mode: number;
  /** In bytes. The content must have exactly as many. */
  readonly size: number;
  readonly content: Content;
}

/**
 * A zip archive of the files in their order, as a stream. The same files give the same bytes in any time
 * zone. What the content of a file is must be checked by whoever hands it in; only its end is awaited.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function* zip(files: AsyncIterable<ZipFile>, options: DeflateOptions = {}): Content {
  const records: ZipRecord[] = [];
  let offset = 0;
  for await (const file of files) {
    const zip64 = needsZip64(file.size);
    const header = localHeader({ name: file.name, zip64 });
    yield header;
    const content = checked(file.content);
    let compressedSize = 0;
    for await (const piece of deflated(content.content, options)) {
      compressedSize += piece.length;
      yield piece;
    }
    const sizes = { ...content.result(), compressedSize, zip64 };
    const descriptor = dataDescriptor(sizes);
    yield descriptor;
    records.push({ name: file.name, mode: file.mode, offset, ...sizes });
    offset += header.length + compressedSize + descriptor.length;
  }
  const directory = Buffer.concat(records.map((record) => centralHeader(record)));
  yield directory;
  yield endOfArchive({ count: records.length, size: directory.length, offset });
}

function checked(content: Content) {
  let checksum = 0;
  let size = 0;
  async function* pass(): Content {
    for await (const piece of content) {
      checksum = crc32(piece, checksum);
      size += piece.length;
      yield piece;
    }
  }
  return { content: pass(), result: () => ({ checksum, size }) };
}
