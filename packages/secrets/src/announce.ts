import { connect } from 'node:net';

import { SecretsError } from './error.js';
import type { Secret } from './secret.js';

/** In milliseconds: who masks is on the same machine. */
const patience = 10_000;

/**
 * Tells the program that masks this one's output about secrets that have arisen since it started, such as the
 * token of a session. They are masked once this returns; until then they must not be printed.
 *
 * On the socket: each secret as its length in bytes (32 bits, the highest byte first) and its text in UTF-8, then the
 * end. The answer is one byte, as soon as all are masked.
 *
 * @param socketPath where that program listens; without one nobody masks, and nothing is done
 * @throws SecretsError `announcement-failed`
 */
export async function announceSecrets(
  socketPath: string | undefined,
  secrets: readonly Secret[],
  { timeout = patience }: { readonly timeout?: number } = {},
): Promise<void> {
  if (socketPath === undefined || secrets.length === 0) return;
  const socket = connect(socketPath);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('data', () => resolve());
      socket.once('end', () => reject(new Error('it hung up')));
      socket.once('error', reject);
      socket.setTimeout(timeout, () => reject(new Error(`no answer in ${timeout} ms`)));
      socket.end(Buffer.concat(secrets.flatMap(framed)));
    });
  } catch (cause) {
    throw failed(socketPath, cause);
  } finally {
    socket.destroy();
  }
}

function framed(secret: Secret): readonly Uint8Array[] {
  const text = Buffer.from(secret.reveal());
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return [length, text];
}

function failed(socketPath: string, cause: unknown): SecretsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SecretsError(
    'announcement-failed',
    `new secrets cannot be masked: ${socketPath} does not confirm them (${why}). Is the program that started this one still there?`,
    { cause },
  );
}
