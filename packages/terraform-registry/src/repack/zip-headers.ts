/** What a zip archive says of one of its files. Sizes and positions are in bytes. */
export interface ZipRecord {
  readonly name: string;
  /** The permission bits, such as 0o755. */
  readonly mode: number;
  readonly checksum: number;
  readonly size: number;
  readonly compressedSize: number;
  /** Where its local header starts. */
  readonly offset: number;
  /** Whether its sizes are written in 64 bits. */
  readonly zip64: boolean;
}

/**
 * Whether a file needs 64-bit sizes. Decided by its size before it is compressed; deflate makes nothing
 * larger by more than five bytes in 16 KiB, and each chunk adds a few.
 */
export function needsZip64(size: number): boolean {
  return size >= limit32 - size / 1024 - 1024;
}

/** The sizes are in the data descriptor, because they are known after the data only. */
export function localHeader({ name, zip64 }: Pick<ZipRecord, 'name' | 'zip64'>): Uint8Array {
  const encoded = Buffer.from(name);
  const extra = zip64 ? zip64Extra([0, 0]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, zip64);
  const size = zip64 ? limit32 : 0;
  header.writeUInt32LE(size, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(encoded.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, encoded, extra]);
}

export function dataDescriptor(
  record: Pick<ZipRecord, 'checksum' | 'size' | 'compressedSize' | 'zip64'>,
): Uint8Array {
  const bytes = Buffer.alloc(record.zip64 ? 24 : 16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(record.checksum, 4);
  if (record.zip64) {
    bytes.writeBigUInt64LE(BigInt(record.compressedSize), 8);
    bytes.writeBigUInt64LE(BigInt(record.size), 16);
  } else {
    bytes.writeUInt32LE(record.compressedSize, 8);
    bytes.writeUInt32LE(record.size, 12);
  }
  return bytes;
}

export function centralHeader(record: ZipRecord): Uint8Array {
  const encoded = Buffer.from(record.name);
  const sizes = record.zip64 ? [record.size, record.compressedSize] : [];
  const far = record.offset >= limit32;
  const wide = [...sizes, ...(far ? [record.offset] : [])];
  const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((unix << 8) | (wide.length > 0 ? version64 : version), 4);
  writeCommon(header, 6, wide.length > 0);
  header.writeUInt32LE(record.checksum, 16);
  header.writeUInt32LE(record.zip64 ? limit32 : record.compressedSize, 20);
  header.writeUInt32LE(record.zip64 ? limit32 : record.size, 24);
  header.writeUInt16LE(encoded.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((regularFile | record.mode) << 16) >>> 0, 38);
  header.writeUInt32LE(far ? limit32 : record.offset, 42);
  return Buffer.concat([header, encoded, extra]);
}

/** The end of an archive whose central directory has this place. */
export function endOfArchive(directory: {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}): Uint8Array {
  const { count, size, offset } = directory;
  const zip64 = count >= 0xffff || size >= limit32 || offset >= limit32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : count, 8);
  end.writeUInt16LE(zip64 ? 0xffff : count, 10);
  end.writeUInt32LE(zip64 ? limit32 : size, 12);
  end.writeUInt32LE(zip64 ? limit32 : offset, 16);
  return zip64 ? Buffer.concat([zip64End(directory), end]) : end;
}

const limit32 = 0xffffffff;
const unix = 3;
const regularFile = 0o100000;
const version = 20;
const version64 = 45;
const deflate = 8;
/** Sizes after the data; names in UTF-8. */
const flags = 0x0008 | 0x0800;
/** 1980-01-01 00:00:00, the first that the format can say. It knows no time zones: any other is local time. */
const dosTime = 0;
const dosDate = 0x0021;

/** The fields that local and central headers share, from "version needed" to the date. */
function writeCommon(header: Buffer, at: number, zip64: boolean): void {
  header.writeUInt16LE(zip64 ? version64 : version, at);
  header.writeUInt16LE(flags, at + 2);
  header.writeUInt16LE(deflate, at + 4);
  header.writeUInt16LE(dosTime, at + 6);
  header.writeUInt16LE(dosDate, at + 8);
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  }
  return extra;
}

function zip64End(directory: {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}) {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4); // what follows of this record
  record.writeUInt16LE((unix << 8) | version64, 12);
  record.writeUInt16LE(version64, 14);
  record.writeBigUInt64LE(BigInt(directory.count), 24);
  record.writeBigUInt64LE(BigInt(directory.count), 32);
  record.writeBigUInt64LE(BigInt(directory.size), 40);
  record.writeBigUInt64LE(BigInt(directory.offset), 48);
  record.writeUInt32LE(0x07064b50, 56); // the locator of the record before it
  record.writeBigUInt64LE(BigInt(directory.offset + directory.size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
