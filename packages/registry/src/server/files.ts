import * as fileSystem from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The part of the file system that the store uses. Tests hand in one that fails, or stops for good, at
 * a chosen step.
 */
export type Files = Pick<
  typeof fileSystem,
  'link' | 'mkdir' | 'open' | 'readdir' | 'rename' | 'stat' | 'unlink'
>;

export const nodeFiles: Files = fileSystem;

/** Whether an operation failed with one of these system codes. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The result, or `undefined` when the file (or a folder on its path) does not exist. */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** All bytes of a file that is known to be small; `undefined` when it does not exist. */
export async function readBytes(files: Files, path: string): Promise<Buffer | undefined> {
  const handle = await unlessMissing(files.open(path, 'r'));
  try {
    return await handle?.readFile();
  } finally {
    await handle?.close();
  }
}

/** Removes a file; `false` when it was not there. */
export async function remove(files: Files, path: string): Promise<boolean> {
  return (await unlessMissing(files.unlink(path).then(() => true))) ?? false;
}

/** Writes all bytes at a position: one write may take only a part of them. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, undefined, position + written);
    written += bytesWritten;
  }
}

/** Writes a new file that survives a power cut. */
export async function writeDurably(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const handle = await files.open(path, 'wx');
  try {
    await writeAll(handle, bytes, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a complete file its name, in place of what had it. The old name is gone. */
export async function moveTo(files: Files, path: string, target: string): Promise<void> {
  await inDirectory(files, target, () => files.rename(path, target));
}

/** Gives a complete file a further name; `false`, and nothing done, when that name is taken. */
export async function linkTo(files: Files, path: string, target: string): Promise<boolean> {
  try {
    await inDirectory(files, target, () => files.link(path, target));
    return true;
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Makes a folder, and those above it, survive a power cut. */
export async function makeDirectory(files: Files, directory: string): Promise<void> {
  const first = await files.mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; ; made = dirname(made)) {
    await syncDirectory(files, dirname(made));
    if (made === first) return;
  }
}

/** Names a file in a folder that is made when it is not there, and makes the name survive a power cut. */
async function inDirectory(files: Files, target: string, name: () => Promise<void>): Promise<void> {
  try {
    await name();
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
    await makeDirectory(files, dirname(target));
    await name();
  }
  await syncDirectory(files, dirname(target));
}

async function syncDirectory(files: Files, directory: string): Promise<void> {
  const handle = await files.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
