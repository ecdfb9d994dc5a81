import { createHash } from 'node:crypto';

/** A packet of an OpenPGP message. https://www.rfc-editor.org/rfc/rfc9580#section-4 */
export interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

/** The kinds of packets that matter here. https://www.rfc-editor.org/rfc/rfc9580#section-5 */
export const tag = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  padding: 21,
} as const;

/** What an ASCII armor holds, and what its first line says that it is. */
export interface Armor {
  readonly label: string;
  readonly bytes: Buffer;
}

/** All blocks of ASCII armor in a text; text around them is ignored, as everywhere. */
export function armorsIn(text: string): readonly Armor[] {
  const blocks = text.matchAll(
    /^-----BEGIN ([A-Z ,/0-9]+)-----[ \t]*\r?\n([^]*?)^-----END \1-----/gm,
  );
  return [...blocks].map(([, label = '', inside = '']) => ({ label, bytes: bodyOf(inside) }));
}

/**
 * The packets of a message in their order; `undefined` for bytes that are none. Read here and not with
 * the library that writes keys, so that what is published is looked at by other eyes.
 */
export function packetsOf(bytes: Buffer): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at);
    if (header === undefined || header.end > bytes.length) return undefined;
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, header.end) });
    at = header.end;
  }
  return packets;
}

/** What the packet of a key says of it. */
export interface KeyFacts {
  readonly version: number;
  readonly created: Date;
  /** https://www.rfc-editor.org/rfc/rfc9580#section-9.1 */
  readonly algorithm: number;
  /** Of an RSA key. */
  readonly bits: number;
}

export function keyFactsOf({ body }: Packet): KeyFacts | undefined {
  if (body.length < 8) return undefined;
  // Version 6 has the length of its key between the algorithm and the key.
  const material = body[0] === 6 ? 10 : 6;
  return {
    version: body.readUInt8(0),
    created: new Date(body.readUInt32BE(1) * 1000),
    algorithm: body.readUInt8(5),
    bits: body.length >= material + 2 ? body.readUInt16BE(material) : 0,
  };
}

/** The id of a version 4 key, as `gpg` and Terraform write it. `body` is that of its public packet. */
export function keyIdOf({ body }: Packet): string {
  const prefix = Buffer.alloc(3);
  prefix.writeUInt8(0x99, 0);
  prefix.writeUInt16BE(body.length, 1);
  const fingerprint = createHash('sha1').update(prefix).update(body).digest('hex');
  return fingerprint.slice(-16).toUpperCase();
}

/** The base64 text between the headers and the checksum. */
function bodyOf(inside: string): Buffer {
  const lines = inside.split(/\r?\n/).map((line) => line.trim());
  const blank = lines.indexOf('');
  const hasHeaders = blank > 0 && lines.slice(0, blank).every((line) => line.includes(': '));
  const body = (hasHeaders ? lines.slice(blank) : lines).filter((line) => !line.startsWith('='));
  return Buffer.from(body.join(''), 'base64');
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function headerAt(bytes: Buffer, at: number): Header | undefined {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  const [lengthAt, width] = (first & 0x40) !== 0 ? newLength(bytes, at) : oldLength(first, at);
  if (width === undefined || lengthAt + width > bytes.length) return undefined;
  const isNew = (first & 0x40) !== 0;
  const written = bytes.readUIntBE(lengthAt, width);
  const length = isNew && width === 2 ? written - 0xc000 + 192 : written;
  const start = lengthAt + width;
  return { tag: isNew ? first & 0x3f : (first >> 2) & 0x0f, start, end: start + length };
}

/** Where the length of a packet is, and in how many bytes; none for a length that comes in parts. */
function newLength(bytes: Buffer, at: number): readonly [number, number | undefined] {
  const first = bytes[at + 1] ?? 0xe0;
  if (first < 192) return [at + 1, 1];
  if (first < 224) return [at + 1, 2];
  return first === 255 ? [at + 2, 4] : [at, undefined];
}

function oldLength(first: number, at: number): readonly [number, number | undefined] {
  return [at + 1, [1, 2, 4][first & 3]];
}
