import type { Content } from '@teleport-plugins/oci';

import { ImageError } from './error.js';

/** A folder or a file of a tar archive. `path` is relative, with `/`, without a trailing one. */
export type TarEntry = TarDirectory | TarFile;

interface TarDirectory {
  readonly kind: 'directory';
  readonly path: string;
  readonly mode: number;
}

export interface TarFile {
  readonly kind: 'file';
  readonly path: string;
  readonly mode: number;
  /** In bytes. The content must have exactly as many. */
  readonly size: number;
  readonly content: () => Content;
  /** Where the content comes from, for people. */
  readonly source?: string;
}

export interface TarOptions {
  /** The time of every entry, in seconds since 1970. */
  readonly mtime: number;
  readonly signal?: AbortSignal;
}

const blockSize = 512;

/**
 * A tar archive of the entries in their order, owned by uid and gid 0. What the ustar header cannot
 * say (a path that is long or not ASCII, a size from 8 GiB) is in a pax header before the entry.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13
 */
export async function* tar(entries: Iterable<TarEntry>, options: TarOptions): Content {
  for (const entry of entries) {
    yield entryHeader(entry, options.mtime);
    if (entry.kind === 'file') yield* exactly(entry, options.signal);
  }
  yield new Uint8Array(2 * blockSize);
}

async function* exactly(entry: TarFile, signal: AbortSignal | undefined): Content {
  let size = 0;
  for await (const piece of entry.content()) {
    signal?.throwIfAborted();
    size += piece.length;
    if (size > entry.size) break;
    yield piece;
  }
  if (size !== entry.size) throw changed(entry, size);
  const padding = paddingOf(size);
  if (padding > 0) yield new Uint8Array(padding);
}

function changed(entry: TarFile, size: number): ImageError {
  const found = size > entry.size ? 'more' : `${size}`;
  return new ImageError(
    'source-changed',
    `${entry.source ?? entry.path}: changed while it was read: expected ${entry.size} bytes, found ${found}; run the build again when nothing writes to it`,
  );
}

function entryHeader(entry: TarEntry, mtime: number): Uint8Array {
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const size = entry.kind === 'file' ? entry.size : 0;
  const type = entry.kind === 'directory' ? '5' : '0';
  const fields: HeaderFields = { path, size, mode: entry.mode, type, mtime };

  const records: string[] = [];
  if (!isAscii(path) || path.length > nameLength) records.push(paxRecord('path', path));
  if (size > maximumSize) records.push(paxRecord('size', `${size}`));
  if (records.length === 0) return ustarHeader(fields);

  const pax = Buffer.from(records.join(''));
  return Buffer.concat([
    ustarHeader({ path: '././@PaxHeader', size: pax.length, mode: 0o644, type: 'x', mtime }),
    pax,
    new Uint8Array(paddingOf(pax.length)),
    // Only readers that do not know pax look at these two fields.
    ustarHeader({ ...fields, path: asciiOf(path), size: size > maximumSize ? 0 : size }),
  ]);
}

interface HeaderFields {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly type: '0' | '5' | 'x';
  readonly mtime: number;
}

const nameLength = 100;
const maximumSize = 0o77777777777;

function ustarHeader({ path, size, mode, type, mtime }: HeaderFields): Uint8Array {
  const header = Buffer.alloc(blockSize);
  header.write(path, 0, nameLength, 'latin1');
  header.write(octal(mode, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1'); // uid
  header.write(octal(0, 7), 116, 'latin1'); // gid
  header.write(octal(size, 11), 124, 'latin1');
  header.write(octal(mtime, 11), 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1'); // the checksum counts its own field as spaces
  header.write(type, 156, 'latin1');
  header.write('ustar\0' + '00', 257, 'latin1');
  header.write(octal(0, 7), 329, 'latin1'); // device major
  header.write(octal(0, 7), 337, 'latin1'); // device minor
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${octal(checksum, 6)}\0 `, 148, 'latin1');
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `"%d %s=%s\n"`: the length of the whole record counts its own digits. */
function paxRecord(keyword: string, value: string): string {
  const rest = ` ${keyword}=${value}\n`;
  const length = Buffer.byteLength(rest);
  let digits = `${length}`.length;
  while (`${length + digits}`.length !== digits) digits = `${length + digits}`.length;
  return `${length + digits}${rest}`;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function asciiOf(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '_').slice(0, nameLength);
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
