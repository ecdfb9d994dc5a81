import { TerraformRegistryError } from '../error.js';
import { quoted } from '../quoted.js';

/** A file of a zip, as the zip's directory says. */
export interface ZipEntry {
  readonly name: string;
  /** The permission bits; 0 where the zip was made without any. */
  readonly mode: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly checksum: number;
  readonly deflated: boolean;
  /** Where its data starts. */
  readonly start: number;
}

/** So many bytes from a position; fails when there are fewer. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

const fileLimit = 1024;
const directoryLimit = 16 * 1024 * 1024;
const wide = 0xffffffff;

/** The files of a zip of so many bytes. Throws `zip-invalid`. */
export async function readDirectory(
  readAt: ReadAt,
  size: number,
  where: string,
): Promise<readonly ZipEntry[]> {
  const readInside: ReadAt = (position, length) => {
    if (position >= 0 && position + length <= size) return readAt(position, length);
    throw invalidZip(where, 'is cut short, or damaged at its end');
  };
  const end = await findEnd(readInside, size, where);
  if (end.count > fileLimit || end.size > directoryLimit) {
    throw invalidZip(where, `says that it has ${end.count} files`);
  }
  const directory = await readInside(end.offset, end.size);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0, number = 0; number < end.count; number += 1) {
    const record = parseRecord(directory, at, where);
    if (names.has(record.name)) throw invalidZip(where, `has ${quoted(record.name)} twice`);
    names.add(record.name);
    entries.push(await locate(record, readInside, size, where));
    at = record.next;
  }
  return entries;
}

export function invalidZip(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'zip-invalid',
    `${where}: ${what}; it is no zip that Terraform can install`,
    cause === undefined ? {} : { cause },
  );
}

interface End {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

async function findEnd(readAt: ReadAt, size: number, where: string): Promise<End> {
  const length = Math.min(size, 22 + 0xffff + 20);
  const tail = await readAt(size - length, length);
  for (let at = length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    if (tail.readUInt16LE(at + 20) !== length - at - 22) continue;
    const end = {
      count: tail.readUInt16LE(at + 10),
      size: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
    const isWide = end.count === 0xffff || end.size === wide || end.offset === wide;
    if (isWide && at >= 20 && tail.readUInt32LE(at - 20) === 0x07064b50) {
      return readWideEnd(await readAt(number64(tail, at - 12), 56), where);
    }
    return end;
  }
  throw invalidZip(where, 'has no end of a zip');
}

function readWideEnd(record: Buffer, where: string): End {
  if (record.readUInt32LE(0) !== 0x06064b50) throw invalidZip(where, 'its directory is not there');
  return {
    count: number64(record, 32),
    size: number64(record, 40),
    offset: number64(record, 48),
  };
}

interface Record extends Omit<ZipEntry, 'start'> {
  readonly offset: number;
  readonly next: number;
}

function parseRecord(directory: Buffer, at: number, where: string): Record {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
    throw invalidZip(where, 'its directory is damaged');
  }
  const method = directory.readUInt16LE(at + 10);
  const [name, extra, comment] = [28, 30, 32].map((each) => directory.readUInt16LE(at + each)) as [
    number,
    number,
    number,
  ];
  const next = at + 46 + name + extra + comment;
  if (next > directory.length) throw invalidZip(where, 'its directory is damaged');
  const text = directory.toString('utf8', at + 46, at + 46 + name);
  if (method !== 0 && method !== 8) {
    throw invalidZip(where, `${quoted(text)} is packed by the method ${method}`);
  }
  if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw invalidZip(where, 'is encrypted');
  const widths = wideValues(directory.subarray(at + 46 + name, at + 46 + name + extra));
  const value = (position: number) => {
    const narrow = directory.readUInt32LE(at + position);
    return narrow === wide ? (widths.shift() ?? narrow) : narrow;
  };
  // In the order in which the wide ones stand.
  const size = value(24);
  const compressedSize = value(20);
  const offset = value(42);
  const madeByUnix = directory.readUInt8(at + 5) === 3;
  return {
    name: text,
    mode: madeByUnix ? (directory.readUInt32LE(at + 38) >>> 16) & 0o777 : 0,
    size,
    compressedSize,
    checksum: directory.readUInt32LE(at + 16),
    deflated: method === 8,
    offset,
    next,
  };
}

/** The numbers of the zip64 extra field. */
function wideValues(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + length);
    if (extra.readUInt16LE(at) === 1) {
      const count = Math.floor(field.length / 8);
      return Array.from({ length: count }, (_, index) => number64(field, 8 * index));
    }
    at += 4 + length;
  }
  return [];
}

async function locate(
  { offset, ...record }: Record,
  readAt: ReadAt,
  size: number,
  where: string,
): Promise<ZipEntry> {
  const header = await readAt(offset, 30);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const isLocal = header.readUInt32LE(0) === 0x04034b50;
  if (!isLocal || start + record.compressedSize > size) {
    throw invalidZip(where, `${quoted(record.name)} is not where it says`);
  }
  const name = await readAt(offset + 30, header.readUInt16LE(26));
  if (name.toString('utf8') !== record.name) {
    throw invalidZip(where, `${quoted(record.name)} has another name, ${quoted(name.toString())}`);
  }
  return { ...record, start };
}

function number64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
