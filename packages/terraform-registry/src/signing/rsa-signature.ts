/** What is signed by whom and when, without the signature itself. */
interface UnsignedSignature {
  /** What follows the content in the digest. https://www.rfc-editor.org/rfc/rfc9580#section-5.2.4 */
  readonly trailer: Buffer;
  /** The whole packet, of the digest and what RSA made of it. */
  packet(digest: Buffer, signed: Uint8Array): Buffer;
}

/**
 * A version 4 signature of binary content with RSA and SHA-512, by the key with a fingerprint. It has what
 * openpgp.js writes, in its order: when it was made (a critical one), and twice by whom, all of it signed.
 * https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3
 */
export function rsaSignature({
  date,
  fingerprint,
}: {
  readonly date: Date;
  /** Of the 20 bytes that a version 4 key has. */
  readonly fingerprint: Buffer;
}): UnsignedSignature {
  const created = Buffer.alloc(4);
  created.writeUInt32BE(date.getTime() / 1000);
  const subpackets = Buffer.concat([
    subpacket(critical | creationTime, created),
    subpacket(issuerKeyId, fingerprint.subarray(-8)),
    subpacket(issuerFingerprint, Buffer.concat([Buffer.of(4), fingerprint])),
  ]);
  const head = Buffer.of(4, ofBinaryContent, rsa, sha512);
  const hashed = Buffer.concat([head, uint16(subpackets.length), subpackets]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(hashed.length);
  return {
    trailer: Buffer.concat([hashed, Buffer.of(4, 0xff), length]),
    packet(digest, signed) {
      const unhashed = uint16(0);
      const body = Buffer.concat([hashed, unhashed, digest.subarray(0, 2), integer(signed)]);
      return Buffer.concat([Buffer.of(newSignaturePacket), lengthOf(body), body]);
    },
  };
}

const newSignaturePacket = 0xc2;
const ofBinaryContent = 0x00;
const rsa = 1;
const sha512 = 10;
const critical = 0x80;
const creationTime = 2;
const issuerKeyId = 16;
const issuerFingerprint = 33;

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(body.length + 1, type), body]);
}

/** In bits without leading zeros, and then in bytes. https://www.rfc-editor.org/rfc/rfc9580#section-3.2 */
function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Buffer.of() : Buffer.from(bytes).subarray(first);
  const bits = significant.length * 8 - Math.clz32(significant[0] ?? 0xff) + 24;
  return Buffer.concat([uint16(significant.length === 0 ? 0 : bits), significant]);
}

/** https://www.rfc-editor.org/rfc/rfc9580#section-4.2.1 */
function lengthOf({ length }: Buffer): Buffer {
  return length < 192 ? Buffer.of(length) : uint16(length - 192 + 0xc000);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
