import { TerraformRegistryError } from '../error.js';
import { armorsIn, keyFactsOf, keyIdOf, packetsOf, tag, type KeyFacts } from './packets.js';
import { judge } from './policy.js';

declare const publicArmor: unique symbol;

/** The ASCII armor of one public key, in which nothing private is. */
export type PublicArmor = string & { readonly [publicArmor]: true };

/** A key that signatures can be verified with, as it stands in a download document. */
export interface PublicKey {
  /** 16 upper-case hexadecimal digits. */
  readonly keyId: string;
  readonly armor: PublicArmor;
}

const allowed: readonly number[] = [
  ...[tag.publicKey, tag.publicSubkey, tag.userId, tag.userAttribute],
  ...[tag.signature, tag.trust, tag.marker, tag.padding],
];

/**
 * Reads the armor of a key that is to be published, or was. Every public key passes through here before
 * it is written anywhere. Terraform takes a private key in its place without a word, so what is in the
 * armor is looked at packet by packet. Throws `key-refused` when anything private is in it, `key-invalid`
 * when it is not the armor of one public key.
 */
export function parsePublicKey(text: string, where: string): PublicKey {
  const armors = armorsIn(text);
  const packets = armors.flatMap(({ bytes }) => packetsOf(bytes) ?? []);
  const isPrivate =
    text.includes('PRIVATE KEY') ||
    packets.some((packet) => packet.tag === tag.secretKey || packet.tag === tag.secretSubkey);
  if (isPrivate) {
    throw new TerraformRegistryError(
      'key-refused',
      `${where}: is a private key, which must never be published; nothing was written. If it ever was, revoke it`,
    );
  }
  const primary = packets.filter((packet) => packet.tag === tag.publicKey);
  const [armor] = armors;
  const [first] = primary;
  const isOne = armors.length === 1 && primary.length === 1 && packets[0] === first;
  const isWhole = packetsOf(armor?.bytes ?? Buffer.of()) !== undefined;
  const isPlain = packets.every((packet) => allowed.includes(packet.tag));
  const isLabelled = armor?.label === 'PGP PUBLIC KEY BLOCK';
  if (first === undefined || !isOne || !isWhole || !isPlain || !isLabelled) {
    throw new TerraformRegistryError(
      'key-invalid',
      `${where}: expected the armor of one public key, as "gpg --armor --export KEY" writes it`,
    );
  }
  return { keyId: keyIdOf(first), armor: text as PublicArmor };
}

/** Why clients cannot, or not all can, use a key: `refused` in words, or a warning, or nothing. */
export function judgePublicKey({ armor }: PublicKey): ReturnType<typeof judge> {
  return judge(publicKeyFacts(armor));
}

function publicKeyFacts(armor: PublicArmor): KeyFacts {
  const [packet] = armorsIn(armor).flatMap(({ bytes }) => packetsOf(bytes) ?? []);
  const facts = packet && keyFactsOf(packet);
  return facts ?? { version: 0, created: new Date(0), algorithm: 0, bits: 0 };
}
