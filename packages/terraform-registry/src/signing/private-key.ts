import type { Secret } from '@teleport-plugins/secrets';
import type { PrivateKey } from 'openpgp';

import { TerraformRegistryError } from '../error.js';
import { warningsOf, type FitnessOptions } from './fitness.js';
import { openPgp, openPgpConfig } from './openpgp.js';
import { armorsIn, packetsOf, tag } from './packets.js';

export interface PrivateKeyOptions extends FitnessOptions {
  readonly passphrase?: Secret;
  /** How people give the right one, for messages. */
  readonly unlocking?: string;
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
  const warnings = await warningsOf(locked, options);
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

async function unlocked(
  key: PrivateKey,
  { passphrase, where, unlocking = 'set the passphrase of this key' }: PrivateKeyOptions,
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  if (passphrase === undefined) {
    throw wrongPassphrase(where, `is locked by a passphrase, and none is given; ${unlocking}`);
  }
  const { decryptKey } = await openPgp();
  try {
    return await decryptKey({
      privateKey: key,
      passphrase: passphrase.reveal(),
      config: openPgpConfig,
    });
  } catch (cause) {
    const what = `does not open with the passphrase that is given; ${unlocking}`;
    throw wrongPassphrase(where, what, cause);
  }
}

function invalid(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'key-invalid',
    `${where}: ${what}; expected the private key that "gpg --armor --export-secret-keys KEY" writes`,
    cause === undefined ? {} : { cause },
  );
}

function wrongPassphrase(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'passphrase-wrong',
    `${where}: the key ${what}`,
    cause === undefined ? {} : { cause },
  );
}
