import { createHash } from 'node:crypto';

import { TerraformRegistryError } from '../error.js';
import {
  publicKeyOf,
  refused,
  signingPacketOf,
  warningsOf,
  type FitnessOptions,
} from './fitness.js';
import { inSeconds, openPgp, openPgpConfig } from './openpgp.js';
import { parsePublicKey } from './public-key.js';
import { rsaSignature } from './rsa-signature.js';
import type { Signer } from './signer.js';
import { verifySignature } from './verify.js';

export interface RemoteSignerOptions extends FitnessOptions {
  /** The key that clients are shown: RSA, in the version 4 format, of which the service has the private half. */
  readonly publicKeyArmor: string;
  /**
   * The service's part: a raw RSA signature (PKCS#1 v1.5) of a SHA-512 digest of 64 bytes. In AWS KMS that is
   * `RSASSA_PKCS1_V1_5_SHA_512` with the message type `DIGEST`. What it throws is passed on.
   */
  readonly signDigest: (digest: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Signs with a key that never leaves a service: a KMS, a hardware module. What it makes is the same, byte for
 * byte, as `openPgpSigner` makes with the same key, and is verified before it is handed out just so. Throws
 * `key-invalid`, `key-refused`, and `signature-invalid` when the service signs with another key or otherwise.
 */
export async function remoteSigner(options: RemoteSignerOptions): Promise<Signer> {
  const { publicKeyArmor, signDigest, where } = options;
  const date = inSeconds(options.date);
  const key = await publicKeyIn(publicKeyArmor, where);
  const warnings = await warningsOf(key, { date, where });
  const packet = await signingPacketOf(key, { date, where });
  const { bits = 0 } = packet.getAlgorithmInfo();
  if (bits === 0) throw refused(where, 'is no RSA key, and a service signs with one only');
  const fingerprint = Buffer.from(packet.getFingerprintBytes() ?? []);
  const publicKey = await publicKeyOf(key, where);
  return {
    keys: [publicKey],
    warnings,
    async sign(content) {
      const unsigned = rsaSignature({ date, fingerprint });
      const digest = createHash('sha512').update(content).update(unsigned.trailer).digest();
      const raw = await signDigest(digest);
      if (raw.length !== Math.ceil(bits / 8)) {
        throw wrong(where, `answered with ${raw.length} bytes, and the key has ${bits} bits`);
      }
      const signature = unsigned.packet(digest, raw);
      try {
        await verifySignature(content, signature, [publicKey], { where, at: date });
      } catch (cause) {
        throw wrong(where, `signed what does not verify with the key ${publicKey.keyId}`, cause);
      }
      return signature;
    },
  };
}

async function publicKeyIn(armor: string, where: string) {
  const { readKey } = await openPgp();
  parsePublicKey(armor, where);
  try {
    return await readKey({ armoredKey: armor, config: openPgpConfig });
  } catch (cause) {
    const message = `${where}: cannot be read as a public key; export it again`;
    throw new TerraformRegistryError('key-invalid', message, { cause });
  }
}

function wrong(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'signature-invalid',
    `${where}: the service ${what}; have it sign SHA-512 digests by PKCS#1 v1.5 with exactly this key`,
    cause === undefined ? {} : { cause },
  );
}
