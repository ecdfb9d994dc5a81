import type { KeyFacts } from './packets.js';

/** What is to be said of a key's algorithm. */
export type Judgement =
  | { readonly kind: 'fine' }
  | { readonly kind: 'warning'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** What every client can verify. https://www.rfc-editor.org/rfc/rfc9580#section-9.1 */
const advice = 'use an RSA key of 4096 bits in the version 4 format';

/** Whether Terraform and OpenTofu, in the versions that people have, can verify what a key signs. */
export function judge({ version, algorithm, bits }: Omit<KeyFacts, 'created'>): Judgement {
  if (version !== 4)
    return refuse(`is of the version ${version}, which Terraform before 1.12 cannot read`);
  switch (algorithm) {
    case rsa:
    case rsaForSigning:
      if (bits >= 2048 && bits <= 4096) return { kind: 'fine' };
      return refuse(`is an RSA key of ${bits} bits, and clients accept 2048 to 4096`);
    case ed25519Legacy:
      return {
        kind: 'warning',
        reason: `is an Ed25519 key, with which Terraform before 1.6 installs nothing; ${advice}`,
      };
    case ed25519:
    case ed448:
      return refuse(
        'is an Ed25519 or Ed448 key of RFC 9580, which Terraform before 1.12 cannot read',
      );
    default:
      return refuse(
        `has the algorithm ${algorithm}, of which it is not known that all clients have it`,
      );
  }
}

const rsa = 1;
const rsaForSigning = 3;
const ed25519Legacy = 22;
const ed25519 = 27;
const ed448 = 28;

/** SHA-256, SHA-384 and SHA-512. https://www.rfc-editor.org/rfc/rfc9580#section-9.5 */
export const soundHashes: readonly number[] = [8, 9, 10];

function refuse(what: string): Judgement {
  return { kind: 'refused', reason: `${what}; ${advice}` };
}
