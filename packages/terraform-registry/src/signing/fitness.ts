import type { Key } from 'openpgp';

import { TerraformRegistryError } from '../error.js';
import { wholeConfig } from './openpgp.js';
import { keyFactsOf, packetsOf, tag } from './packets.js';
import { judge } from './policy.js';
import { parsePublicKey, type PublicKey } from './public-key.js';

export interface FitnessOptions {
  /** When the signatures are dated; the key must be valid then. */
  readonly date: Date;
  /** Where the key is from, for messages: the name of a variable or of a file. */
  readonly where: string;
}

/** What people should know of a key that is fit to sign for clients at a date. Throws `key-refused`. */
export async function warningsOf(key: Key, options: FitnessOptions): Promise<readonly string[]> {
  const warnings = judgePrimary(key, options.where);
  await refuseOutOfTime(key, options);
  return warnings;
}

/**
 * The packet of the key that signs: it may be a subkey, of another kind than the key itself. Throws
 * `key-refused`.
 */
export async function signingPacketOf(key: Key, { date, where }: FitnessOptions) {
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
  return packet;
}

/** Made of what the library says is public, and then read again by what does not trust it. */
export async function publicKeyOf(key: Key, where: string): Promise<PublicKey> {
  const armor = key.toPublic().armor(await wholeConfig());
  return parsePublicKey(armor.replaceAll('\r\n', '\n'), `${where}: the public half`);
}

export function refused(where: string, reason: string, cause?: unknown): TerraformRegistryError {
  const options = cause === undefined ? {} : { cause };
  return new TerraformRegistryError('key-refused', `${where}: the key ${reason}`, options);
}

/** The primary key is what clients read first; a subkey may be what signs. */
function judgePrimary(key: Key, where: string): readonly string[] {
  const packets = packetsOf(Buffer.from(key.toPublic().write())) ?? [];
  return packets
    .filter((packet) => packet.tag === tag.publicKey)
    .flatMap((packet) => {
      const judgement = judge(keyFactsOf(packet) ?? { version: 0, algorithm: 0, bits: 0 });
      if (judgement.kind === 'refused') throw refused(where, judgement.reason);
      return judgement.kind === 'warning' ? [`${where}: ${judgement.reason}`] : [];
    });
}

async function refuseOutOfTime(key: Key, { date, where }: FitnessOptions): Promise<void> {
  const config = await wholeConfig();
  const dated = `; the signature would be dated ${date.toISOString()}`;
  // Whenever it is revoked: clients then refuse all that it ever signed.
  if (await key.isRevoked(undefined, undefined, farAway, config)) {
    throw refused(where, 'is revoked, and clients refuse all that it signs; use another key');
  }
  const created = key.getCreationTime();
  if (created > date) {
    const what = `is not valid before ${created.toISOString()}${dated}`;
    throw refused(where, `${what}; check the clock and the date of the commit`);
  }
  const expires = await key.getExpirationTime(undefined, config);
  if (expires === null) throw refused(where, 'has no valid self-signature; export it again');
  if (expires <= date) {
    const at = typeof expires === 'number' ? '' : ` at ${expires.toISOString()}`;
    throw refused(where, `has expired${at}${dated}; prolong it, or use another key`);
  }
}

const farAway = new Date(8.64e15);
