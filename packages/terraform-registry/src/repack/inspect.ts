import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import type { Content, OperationOptions } from '../content.js';
import { meter } from '../sha256.js';
import { h1Of, type H1, type HashedFile } from './h1.js';
import { inflated, InflateError } from './inflate.js';
import { invalidZip, readDirectory, type ReadAt, type ZipEntry } from './zip-directory.js';

/** A file of a zip, as the zip says and as it was found to be. */
interface InspectedFile extends HashedFile {
  readonly mode: number;
}

/** What a zip holds. */
export interface InspectedZip {
  readonly files: readonly InspectedFile[];
  readonly h1: H1;
}

/**
 * Reads all of a zip file and checks it against its own sizes and checksums. Throws `zip-invalid`; `where`
 * names the zip in the message.
 */
export async function inspectZip(
  path: string,
  where: string,
  options: OperationOptions & { readonly sizeLimit?: number } = {},
): Promise<InspectedZip> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const readAt = readerOf(handle, where);
    const entries = await readDirectory(readAt, size, where);
    const total = entries.reduce((sum, entry) => sum + entry.size, 0);
    if (total > (options.sizeLimit ?? 2 * 1024 ** 3)) {
      throw invalidZip(where, `says that it holds ${total} bytes`);
    }
    const files: InspectedFile[] = [];
    for (const entry of entries) {
      options.signal?.throwIfAborted();
      files.push(await inspectFile(entry, handle, where));
    }
    return { files, h1: h1Of(files) };
  } finally {
    await handle.close();
  }
}

async function inspectFile(
  entry: ZipEntry,
  handle: FileHandle,
  where: string,
): Promise<InspectedFile> {
  const { name, mode, size } = entry;
  const measured = meter();
  let checksum = 0;
  const end = entry.start + entry.compressedSize - 1;
  // An empty range cannot be said to a stream.
  const data: Content =
    entry.compressedSize === 0
      ? nothing()
      : (handle.createReadStream({ start: entry.start, end, autoClose: false }) as Content);
  try {
    for await (const piece of entry.deflated ? inflated(data) : data) {
      measured.add(piece);
      checksum = crc32(piece, checksum);
      if (measured.size > size) break;
    }
  } catch (error) {
    if (error instanceof InflateError) throw invalidZip(where, `${name}: ${error.message}`, error);
    throw error;
  }
  if (measured.size !== size || checksum !== entry.checksum) {
    throw invalidZip(where, `${name} does not match its size and checksum`);
  }
  return { name, mode, size, sha256: measured.sha256() };
}

function readerOf(handle: FileHandle, where: string): ReadAt {
  return async (position, length) => {
    const bytes = Buffer.alloc(length);
    for (let read = 0; read < length;) {
      const { bytesRead } = await handle.read(bytes, read, length - read, position + read);
      if (bytesRead === 0) throw invalidZip(where, 'is cut short');
      read += bytesRead;
    }
    return bytes;
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous for those sources that are
async function* nothing(): Content {
  yield new Uint8Array(0);
}
