import { createHash } from 'node:crypto';

declare const sha256: unique symbol;

/** 64 lower-case hexadecimal digits, as Terraform's documents and sums have them. */
export type Sha256 = string & { readonly [sha256]: true };

export function isSha256(text: string): text is Sha256 {
  return /^[0-9a-f]{64}$/.test(text);
}

export function sha256Of(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}

/** Takes bytes as they pass, and tells their size and sha256 when they have. */
export interface Meter {
  readonly size: number;
  readonly add: (bytes: Uint8Array) => void;
  readonly sha256: () => Sha256;
}

export function meter(): Meter {
  const hash = createHash('sha256');
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(bytes) {
      hash.update(bytes);
      size += bytes.length;
    },
    sha256: () => hash.copy().digest('hex') as Sha256,
  };
}
