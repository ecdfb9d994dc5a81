import type { Secret } from '@teleport-plugins/secrets';
import type { PrivateKey } from 'openpgp';

import { inSeconds, openPgp, openPgpConfig, wholeConfig } from './openpgp.js';
import { judge } from './policy.js';
import { readPrivateKey, refused, type PrivateKeyOptions } from './private-key.js';
import { parsePublicKey, type PublicKey } from './public-key.js';
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
  await refuseUnfitSigningKey(key, { ...options, date });
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

/** The one that signs may be a subkey, of another kind than the key itself. */
async function refuseUnfitSigningKey(
  key: PrivateKey,
  { date, where }: PrivateKeyOptions,
): Promise<void> {
  let packet;
  try {
    packet = (await key.getSigningKey(undefined, date, undefined, await wholeConfig())).keyPacket;
  } catch (cause) {
    throw refused(where, 'cannot sign; use a key that is made for signing', cause);
  }
  const { version, algorithm } = packet;
  const bits = packet.getAlgorithmInfo().bits ?? 0;
  const judgement = judge({ version, algorithm, bits });
  if (judgement.kind === 'refused') throw refused(where, judgement.reason);
}

/** Made of what the library says is public, and then read again by what does not trust it. */
async function publicKeyOf(key: PrivateKey, where: string): Promise<PublicKey> {
  const armor = key.toPublic().armor(await wholeConfig());
  return parsePublicKey(armor.replaceAll('\r\n', '\n'), `${where}: the public half`);
}
