import type { Shell } from 'zx/core';

import { feed } from '../programs.js';

/**
 * Has a program sign digests: it gets one of 64 bytes on its standard input, and prints the signature in Base64,
 * over as many lines as it likes. Whether that is one is seen to by whoever asks for it. Throws StepError
 * `program-missing` and `program-failed`.
 */
export function digestSigner(
  run: Shell,
  command: readonly string[],
): (digest: Uint8Array) => Promise<Uint8Array> {
  return async (digest) => Buffer.from(await feed([digest], run`${command}`), 'base64');
}
