import type { Secret } from '@teleport-plugins/secrets';

import { publicKeyOf, signingPacketOf } from './fitness.js';
import { inSeconds, openPgp, openPgpConfig } from './openpgp.js';
import { readPrivateKey, type PrivateKeyOptions } from './private-key.js';
import type { Signer } from './signer.js';
import { verifySignature } from './verify.js';

/**
 * Signs with an OpenPGP key. The same key, date and content give the same signature. Each signature is
 * verified, with the key as it will be published, before it is handed out. Throws `key-invalid`,
 * `key-refused` and `passphrase-wrong`.
 */
export async function openPgpSigner(armored: Secret, options: PrivateKeyOptions): Promise<Signer> {
  const { where } = options;
  const date = inSeconds(options.date);
  const { key, warnings } = await readPrivateKey(armored, { ...options, date });
  await signingPacketOf(key, { date, where });
  const publicKey = await publicKeyOf(key, where);
  return {
    keys: [publicKey],
    warnings,
    async sign(content) {
      const { createMessage, sign } = await openPgp();
      const signature = (await sign({
        message: await createMessage({ binary: Uint8Array.from(content) }),
        signingKeys: key,
        detached: true,
        format: 'binary',
        date,
        config: openPgpConfig,
        // The declared type depends on a package of stream types that is not needed.
      })) as Uint8Array;
      await verifySignature(content, signature, [publicKey], { where, at: date });
      return signature;
    },
  };
}
