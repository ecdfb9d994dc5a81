import type { Readable } from 'node:stream';

import { WithSecretsError } from '../error.js';

/** In bytes; a document of secrets has some ten thousand. */
const limit = 16 * 1024 * 1024;

/**
 * All of a stream.
 *
 * @throws WithSecretsError `input-missing` when it cannot be read, or does not end
 */
export async function readAll(stream: Readable, where: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new WithSecretsError('input-missing', `${where} cannot be read (${why})`, { cause });
  }
  if (size <= limit) return Buffer.concat(chunks);
  throw new WithSecretsError(
    'input-missing',
    `${where} holds more than ${limit / 1024 / 1024} MiB, which is no document of secrets`,
  );
}
