import { readAll, type Content } from '../content.js';
import type { OperationOptions } from '../operation.js';
import { OciError } from '../error.js';
import { corrupt, explained, isErrno } from './failure.js';
import type { Surroundings } from './surroundings.js';

/** In bytes. */
const pieceSize = 256 * 1024;

/** The size of a file in bytes; `undefined` when there is no file of that name. */
export async function fileSize(path: string, { fs }: Surroundings): Promise<number | undefined> {
  try {
    const stat = await fs.stat(path);
    return stat.isFile() ? stat.size : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw explained(error, 'look for it', path);
  }
}

/** The bytes of a file. */
export async function* fileContent(
  path: string,
  { fs }: Surroundings,
  options?: OperationOptions,
): Content {
  const reading = async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (error) {
      throw explained(error, 'read it', path);
    }
  };
  const handle = await reading(fs.open(path, 'r'));
  try {
    for (;;) {
      options?.signal?.throwIfAborted();
      const { bytesRead, buffer } = await reading(handle.read(Buffer.allocUnsafe(pieceSize)));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await reading(handle.close());
  }
}

/**
 * A small file as a whole; `undefined` when there is none. Throws `layout-invalid` when it has more
 * than `limit` bytes.
 */
export async function smallFile(
  path: string,
  surroundings: Surroundings,
  options: OperationOptions & { readonly limit: number },
): Promise<Uint8Array | undefined> {
  const size = await fileSize(path, surroundings);
  if (size === undefined) return undefined;
  const tooLong = corrupt(`${path}: is longer than ${options.limit} bytes`);
  if (size > options.limit) throw tooLong;
  try {
    return await readAll(fileContent(path, surroundings, options), options);
  } catch (error) {
    throw error instanceof OciError && error.code === 'content-too-large' ? tooLong : error;
  }
}
