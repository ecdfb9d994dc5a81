import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { attempt } from '../test/attempt.js';
import { keyNamed, signerNamed } from '../test/keys.js';
import { soupOf } from '../test/arbitraries.js';
import { armorsIn, packetsOf } from './packets.js';
import { parsePublicKey } from './public-key.js';

const read = (text: string) => parsePublicKey(text, 'gpg_public_keys[0]');
const armored = (label: string, bytes: Buffer) =>
  `-----BEGIN ${label}-----\n\n${bytes.toString('base64')}\n-----END ${label}-----\n`;

describe('The armor of a public key', () => {
  test('is read, with headers or without', async () => {
    const [key] = (await signerNamed('a')).keys;
    expect(read(key.armor)).toEqual(key);
    const headed = key.armor.replace('\n\n', '\nVersion: 1\nComment: x\n\n');
    expect(read(headed).keyId).toBe(key.keyId);
    expect(read(key.armor.replaceAll('\n', '\r\n')).keyId).toBe(key.keyId);
  });

  test('never holds a private key, whatever its first line says', async () => {
    const secret = (await keyNamed('a')).reveal();
    const [{ bytes } = { bytes: Buffer.of() }] = armorsIn(secret);
    const [{ armor }] = (await signerNamed('a')).keys;
    for (const text of [
      secret,
      armored('PGP PUBLIC KEY BLOCK', bytes),
      armor + secret,
      armor + armored('PGP PUBLIC KEY BLOCK', bytes),
      armor.replaceAll('PUBLIC', 'PRIVATE'),
    ]) {
      expect(() => read(text)).toThrow(
        expect.objectContaining({
          code: 'key-refused',
          message: expect.stringContaining(
            'is a private key, which must never be published',
          ) as string,
        }),
      );
    }
  });

  test('is of one key, whole, and nothing else', async () => {
    const [{ armor: a }] = (await signerNamed('a')).keys;
    const [{ armor: b }] = (await signerNamed('b')).keys;
    const bytes = armorsIn(a)[0]!.bytes;
    for (const text of [
      '',
      'x',
      a + b,
      armored('PGP PUBLIC KEY BLOCK', Buffer.concat([bytes, armorsIn(b)[0]!.bytes])),
      armored('PGP PUBLIC KEY BLOCK', bytes.subarray(0, -1)),
      armored('PGP PUBLIC KEY BLOCK', Buffer.of()),
      armored('PGP MESSAGE', bytes),
      armored('PGP PUBLIC KEY BLOCK', Buffer.concat([bytes, Buffer.of(0xcb, 1, 0)])),
    ]) {
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'key-invalid' }));
    }
  });

  test('with any byte of the key changed is refused or read, and nothing else is thrown', async () => {
    const [{ armor }] = (await signerNamed('a')).keys;
    const { bytes } = armorsIn(armor)[0]!;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        void attempt(() => read(armored('PGP PUBLIC KEY BLOCK', changed)));
      }),
      { numRuns: 500 },
    );
  });

  test('of any text is one or an error of this package', () => {
    const line = (edge: string) => `-----${edge} PGP PUBLIC KEY BLOCK-----\n`;
    fc.assert(
      fc.property(
        soupOf(line('BEGIN'), line('END'), '\n', 'mQEN', '=abcd\n', 'A: b\n', '-'),
        (text) => {
          void attempt(() => read(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('is made of packets that are inside their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const packets = packetsOf(Buffer.from(bytes)) ?? [];
        const size = packets.reduce((sum, { body }) => sum + body.length, 0);
        expect(size).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
