import type { Secret } from '@teleport-plugins/secrets';
import type { PrivateKey } from 'openpgp';

import { TerraformRegistryError } from '../error.js';
import { openPgp, openPgpConfig, wholeConfig } from './openpgp.js';
import { armorsIn, keyFactsOf, packetsOf, tag } from './packets.js';
import { judge } from './policy.js';

export interface PrivateKeyOptions {
  readonly passphrase?: Secret;
  /** When the signatures are dated; the key must be valid then. */
  readonly date: Date;
  /** Where the key is from, for messages: the name of a variable or of a file. */
  readonly where: string;
}

/** A key that can sign, and what people should know of it. */
export interface UsableKey {
  readonly key: PrivateKey;
  readonly warnings: readonly string[];
}

/**
 * Reads the armor of a private key, opens it with the passphrase, and makes sure that it is one that signs
 * what all clients can verify, at that date. Throws `key-invalid`, `key-refused` and `passphrase-wrong`.
 */
export async function readPrivateKey(
  armored: Secret,
  options: PrivateKeyOptions,
): Promise<UsableKey> {
  const { where } = options;
  refuseOtherThanOneKey(armored, where);
  const { readPrivateKey: read } = await openPgp();
  let locked: PrivateKey;
  try {
    locked = await read({ armoredKey: armored.reveal(), config: openPgpConfig });
  } catch (cause) {
    throw invalid(where, 'cannot be read as a private key', cause);
  }
  const warnings = judgeAll(locked, where);
  await refuseOutOfTime(locked, options);
  return { key: await unlocked(locked, options), warnings };
}

function refuseOtherThanOneKey(armored: Secret, where: string): void {
  const armors = armorsIn(armored.reveal());
  if (armors.length === 0) throw invalid(where, 'holds no ASCII armor');
  const primary = armors
    .flatMap(({ bytes }) => packetsOf(bytes) ?? [])
    .filter((packet) => packet.tag === tag.secretKey || packet.tag === tag.publicKey);
  if (primary.length === 0) throw invalid(where, 'holds no key');
  if (primary.length > 1)
    throw invalid(where, `holds ${primary.length} keys, and one must be chosen`);
  if (primary[0]?.tag === tag.publicKey) {
    throw invalid(where, 'holds a public key, which cannot sign');
  }
}

/** The primary key is what clients read first; a subkey may be what signs. */
function judgeAll(key: PrivateKey, where: string): readonly string[] {
  const packets = packetsOf(Buffer.from(key.toPublic().write())) ?? [];
  const warnings = packets
    .filter((packet) => packet.tag === tag.publicKey)
    .flatMap((packet) => {
      const judgement = judge(keyFactsOf(packet) ?? { version: 0, algorithm: 0, bits: 0 });
      if (judgement.kind === 'refused') throw refused(where, judgement.reason);
      return judgement.kind === 'warning' ? [`${where}: ${judgement.reason}`] : [];
    });
  return warnings;
}

async function refuseOutOfTime(key: PrivateKey, { date, where }: PrivateKeyOptions): Promise<void> {
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

async function unlocked(
  key: PrivateKey,
  { passphrase, where }: PrivateKeyOptions,
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  if (passphrase === undefined) {
    throw wrongPassphrase(where, 'is locked by a passphrase, and none is given');
  }
  const { decryptKey } = await openPgp();
  try {
    return await decryptKey({
      privateKey: key,
      passphrase: passphrase.reveal(),
      config: openPgpConfig,
    });
  } catch (cause) {
    throw wrongPassphrase(where, 'does not open with the passphrase that is given', cause);
  }
}

function invalid(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'key-invalid',
    `${where}: ${what}; expected the private key that "gpg --armor --export-secret-keys KEY" writes`,
    cause === undefined ? {} : { cause },
  );
}

export function refused(where: string, reason: string, cause?: unknown): TerraformRegistryError {
  const options = cause === undefined ? {} : { cause };
  return new TerraformRegistryError('key-refused', `${where}: the key ${reason}`, options);
}

function wrongPassphrase(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'passphrase-wrong',
    `${where}: the key ${what}; set the passphrase of this key`,
    cause === undefined ? {} : { cause },
  );
}
