import { damaged } from './refusal.js';

export const blockSize = 512;

/** The fields of a header block that matter here. */
export interface TarHeader {
  /** One character; `0` and NUL are files. */
  readonly type: string;
  readonly path: string;
  readonly size: number;
}

/** Throws `archive-damaged`. */
export function parseHeader(block: Buffer, where: string): TarHeader {
  if (checksumOf(block) !== octal(block.subarray(148, 156))) {
    throw damaged(where, 'does not hold a tar archive, or a damaged one');
  }
  const size = sizeOf(block.subarray(124, 136));
  if (size === undefined) throw damaged(where, 'a size in it is none');
  const name = textOf(block.subarray(0, 100));
  // GNU's own format, told by its spaces, has other things in the place of the prefix.
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textOf(block.subarray(345, 500)) : '';
  const path = prefix === '' ? name : `${prefix}/${name}`;
  return { type: block.toString('latin1', 156, 157), path, size };
}

/** The records of a pax header, `"%d %s=%s\n"`. The last one of a name counts. Throws `archive-damaged`. */
export function parsePax(bytes: Buffer, where: string): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const [head = '', digits = ''] = /^(\d{1,6}) /.exec(bytes.toString('latin1', at, at + 8)) ?? [];
    const end = at + Number(digits);
    const record = bytes.subarray(at + head.length, end);
    const split = record.indexOf('=');
    const isWhole = end > at && end <= bytes.length && record.at(-1) === 0x0a;
    if (!isWhole || split < 1) throw damaged(where, 'its tar archive has a broken pax header');
    records.set(
      record.toString('utf8', 0, split),
      record.toString('utf8', split + 1, record.length - 1),
    );
    at = end;
  }
  return records;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The checksum counts its own field as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** Octal digits, or, for what they cannot say, a big-endian number that is told by its first bit. */
function sizeOf(field: Buffer): number | undefined {
  if (((field[0] ?? 0) & 0x80) === 0) return octal(field);
  const high = field.subarray(1, 4);
  const size = field.readBigUInt64BE(4);
  const isExact = field[0] === 0x80 && isZero(high) && size <= BigInt(Number.MAX_SAFE_INTEGER);
  return isExact ? Number(size) : undefined;
}

function octal(field: Buffer): number | undefined {
  const match = /^ *([0-7]{1,12})[ \0]*$/.exec(field.toString('latin1'));
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 8);
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}
