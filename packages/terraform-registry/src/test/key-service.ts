import { constants, createPrivateKey, privateEncrypt } from 'node:crypto';

import type { Secret } from '@teleport-plugins/secrets';

import { openPgp } from '../signing/openpgp.js';
import { signingDate } from './keys.js';

/** What precedes a SHA-512 digest in what RSA signs. https://www.rfc-editor.org/rfc/rfc8017#section-9.2 */
const sha512Info = Buffer.from('3051300d060960864801650304020305000440', 'hex');

/** What a service does that has the private half of a key: of that which signs. */
export async function keyServiceOf(
  armored: Secret,
): Promise<(digest: Uint8Array) => Promise<Uint8Array>> {
  const { readPrivateKey } = await openPgp();
  const key = await readPrivateKey({ armoredKey: armored.reveal() });
  const signing = await key.getSigningKey(undefined, signingDate);
  const { publicParams, privateParams } = signing.keyPacket as unknown as {
    readonly publicParams: Readonly<Record<'n' | 'e', Uint8Array>>;
    readonly privateParams: Readonly<Record<'d' | 'p' | 'q' | 'u', Uint8Array>>;
  };
  const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const rest = (d: Uint8Array, prime: Uint8Array) => {
    const hex = (number(d) % (number(prime) - 1n)).toString(16);
    return text(Buffer.from(hex.padStart(prime.length * 2, '0'), 'hex'));
  };
  const { n, e } = publicParams;
  const { d, p, q, u } = privateParams;
  // OpenPGP has the inverse of the first prime, and JSON Web Keys that of the second one.
  const primes = { p: text(q), q: text(p), dp: rest(d, q), dq: rest(d, p), qi: text(u) };
  const jwk = { kty: 'RSA', n: text(n), e: text(e), d: text(d), ...primes };
  const rsa = createPrivateKey({ key: jwk, format: 'jwk' });
  return (digest) => {
    const padding = constants.RSA_PKCS1_PADDING;
    const signed = privateEncrypt({ key: rsa, padding }, Buffer.concat([sha512Info, digest]));
    return Promise.resolve(signed);
  };
}
