import type { Key, Signature } from 'openpgp';

import { TerraformRegistryError } from '../error.js';
import { openPgp, openPgpConfig } from './openpgp.js';
import { soundHashes } from './policy.js';
import type { PublicKey } from './public-key.js';

export interface VerifyOptions {
  /** What was signed, for messages. */
  readonly where: string;
  /** The time of whoever verifies: a signature dated after it is refused, as clients do. */
  readonly at?: Date;
}

/**
 * Verifies a detached binary signature as Terraform does: with each key in turn until one fits, and the
 * other way round, that every key fits, because each is there for clients that know that one only. Keys
 * that have expired since still count. Throws `signature-invalid`.
 */
export async function verifySignature(
  content: Uint8Array,
  signature: Uint8Array,
  keys: readonly PublicKey[],
  { where, at }: VerifyOptions,
): Promise<void> {
  const { readKey, readSignature } = await openPgp();
  let parsed: Signature;
  try {
    parsed = await readSignature({ binarySignature: Uint8Array.from(signature) });
  } catch (cause) {
    throw invalid(where, 'is not a detached binary signature', cause);
  }
  refuseUnsound(parsed, where, at);
  if (keys.length === 0) throw invalid(where, 'has no key to be verified with');
  for (const { keyId, armor } of keys) {
    const key = await readKey({ armoredKey: armor, config: openPgpConfig }).catch(
      (cause: unknown) => {
        throw invalid(
          where,
          `cannot be verified with the key ${keyId}, which cannot be read`,
          cause,
        );
      },
    );
    await verifyWith(key, content, parsed, where);
  }
}

function refuseUnsound(signature: Signature, where: string, at: Date | undefined): void {
  for (const { hashAlgorithm, created } of signature.packets) {
    if (!soundHashes.includes(hashAlgorithm ?? 0)) {
      throw invalid(where, 'is made with a hash weaker than SHA-256');
    }
    if (at !== undefined && created !== null && created > at) {
      throw invalid(where, `is dated in the future, ${created.toISOString()}`);
    }
  }
}

async function verifyWith(
  key: Key,
  content: Uint8Array,
  signature: Signature,
  where: string,
): Promise<void> {
  const { createMessage, verify } = await openPgp();
  const id = key.getKeyID().toHex().toUpperCase();
  const { signatures } = await verify({
    message: await createMessage({ binary: Uint8Array.from(content) }),
    signature,
    verificationKeys: key.toPublic(),
    format: 'binary',
    // Neither the time of the key nor that of the signature; the latter was looked at above.
    date: null,
    config: openPgpConfig,
  });
  const ids = key.getKeys().map((each) => each.getKeyID().toHex());
  const own = signatures.filter(({ keyID }) => ids.includes(keyID.toHex()));
  if (own.length === 0) {
    const makers = signatures.map(({ keyID }) => keyID.toHex().toUpperCase()).join(', ');
    throw invalid(where, `is by the key ${makers}, not by ${id}`);
  }
  for (const { verified } of own) {
    await verified.catch((cause: unknown) => {
      throw invalid(where, `does not verify with the key ${id}`, cause);
    });
  }
}

function invalid(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'signature-invalid',
    `${where}: its signature ${what}; sign it again`,
    cause === undefined ? {} : { cause },
  );
}
