import { createHash } from 'node:crypto';
import { constants } from 'node:fs';

import type { OperationOptions } from '../store.js';
import { explaining } from './failure.js';
import { identityOf, type Identity } from './status.js';
import type { OpenFile, Surroundings } from './surroundings.js';

/** In bytes. */
const pieceSize = 256 * 1024;

// A link that came into the place of a file since it was looked at is not followed; Windows cannot say so.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the constant is not there on Windows
const reading = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Does something with an open file, which is told apart from others that get its name. */
export async function withFile<T>(
  path: string,
  { fs }: Surroundings,
  work: (file: OpenFile, identity: Identity) => Promise<T>,
): Promise<T> {
  const file = await fs.open(path, reading);
  try {
    return await work(file, identityOf(await file.stat({ bigint: true })));
  } finally {
    await file.close();
  }
}

/** The first bytes of a file, as many as it has of those asked for. */
export async function beginningOf(file: OpenFile, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The bytes of a file from a position on. `check` may refuse a file that got the name meanwhile. */
export async function* contentFrom(
  path: string,
  position: number,
  { fs }: Surroundings,
  check: (identity: Identity) => void,
  options?: OperationOptions,
): AsyncIterable<Uint8Array> {
  const file = await fs.open(path, reading);
  try {
    check(identityOf(await explaining('read it', path, file.stat({ bigint: true }))));
    for (let at = position; ;) {
      options?.signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(pieceSize);
      const read = file.read(buffer, 0, pieceSize, at);
      const { bytesRead } = await explaining('read it', path, read);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await explaining('close it', path, file.close());
  }
}

/** The digest of a whole file, in hex. */
export async function sha256Of(path: string, surroundings: Surroundings): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of contentFrom(path, 0, surroundings, () => undefined)) {
    hash.update(piece);
  }
  return hash.digest('hex');
}
