import { createHash } from 'node:crypto';

import { OciError } from './error.js';
import { quoted } from './quoted.js';

/** `algorithm:hex`, lower case. https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests */
export type Digest = `sha256:${string}` | `sha512:${string}`;

export type DigestAlgorithm = 'sha256' | 'sha512';

/** Throws `digest-invalid` unless the text is a digest of a registered algorithm, in its canonical form. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new OciError(
    'digest-invalid',
    `${quoted(text)} is not a digest: expected "sha256:" and 64, or "sha512:" and 128, lower-case hexadecimal digits`,
  );
}

/** The sha256 of bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The two halves of a digest. Both are safe as a file name. Throws `digest-invalid`. */
export function splitDigest(digest: Digest): {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
} {
  const [algorithm, hex] = parseDigest(digest).split(':') as [DigestAlgorithm, string];
  return { algorithm, hex };
}

export function isDigest(text: string): text is Digest {
  return /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}
