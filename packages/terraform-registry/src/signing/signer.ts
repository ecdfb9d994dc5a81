import type { PublicKey } from './public-key.js';

/**
 * Signs the sums of a version. A key in this process, or a service that keeps one: whoever asks for a
 * signature does not know which.
 */
export interface Signer {
  /** The keys of which any one verifies the signature, in the order in which clients are to try them. */
  readonly keys: readonly [PublicKey, ...PublicKey[]];
  /** What people should know of the keys. */
  readonly warnings: readonly string[];
  /** A detached binary OpenPGP signature that was verified with all of `keys`. The same each time. */
  sign(content: Uint8Array): Promise<Uint8Array>;
}

/**
 * Signs with two keys, for a rotation: binary signatures one after the other are one signature, of which
 * clients take the part that they have the key for. Clients try `first`'s keys first.
 */
export function signedByBoth(first: Signer, second: Signer): Signer {
  return {
    keys: [...first.keys, ...second.keys],
    warnings: [...first.warnings, ...second.warnings],
    async sign(content) {
      return Buffer.concat([await first.sign(content), await second.sign(content)]);
    },
  };
}
