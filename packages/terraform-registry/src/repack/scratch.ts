import * as fileSystem from 'node:fs/promises';

import type { Content, OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';

/** The part of the file system that is written to. Tests hand in one that fails at a chosen step. */
export interface ScratchFiles {
  open(path: string, flags: 'wx'): Promise<Pick<fileSystem.FileHandle, 'writeFile' | 'close'>>;
  unlink(path: string): Promise<void>;
}

/**
 * Writes content to a new file. It is there with all its bytes, or this throws and it is not: a failure to
 * close is a failure to write. Throws `scratch-failed`; an error of the content as it is.
 */
export async function writeScratch(
  path: string,
  content: Content,
  options: OperationOptions & { readonly files?: ScratchFiles } = {},
): Promise<void> {
  const { files = fileSystem, signal } = options;
  const handle = await explained(files.open(path, 'wx'), path);
  try {
    try {
      for await (const piece of content) {
        signal?.throwIfAborted();
        await explained(handle.writeFile(piece), path);
      }
    } finally {
      await explained(handle.close(), path);
    }
  } catch (error) {
    await files.unlink(path).catch(() => undefined);
    throw error;
  }
}

async function explained<T>(operation: Promise<T>, path: string): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    const { message } = cause as Error;
    throw new TerraformRegistryError(
      'scratch-failed',
      `${path}: cannot be written: ${message}; make room there and run this again`,
      { cause },
    );
  }
}
