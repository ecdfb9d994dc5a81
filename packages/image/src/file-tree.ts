import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { contentOf, type Content } from '@teleport-plugins/oci';

import { ImageError } from './error.js';
import { byBytes, checkPath, parentsOf } from './path.js';
import type { TarEntry, TarFile } from './tar.js';

/** A file to place in an image. */
export interface ImageFile {
  /** Relative to the root of the image: `app/main.mjs`. */
  readonly path: string;
  readonly source: { readonly file: string } | { readonly bytes: Uint8Array };
  /** Mode 0755 instead of 0644; the mode of the source file does not count. */
  readonly executable?: boolean;
}

/**
 * The entries of a layer: the files and every folder above them once, in the order of their bytes.
 * `directories` are further folders, with their modes.
 */
export async function fileTree(
  files: readonly ImageFile[],
  directories: ReadonlyMap<string, number> = new Map(),
): Promise<readonly TarEntry[]> {
  const folders = new Map<string, number>();
  for (const path of [...files.map((file) => file.path), ...directories.keys()]) {
    checkPath(path);
    for (const parent of parentsOf(path)) folders.set(parent, 0o755);
  }
  for (const [path, mode] of directories) folders.set(path, mode);

  const entries = new Map<string, TarEntry>();
  for (const [path, mode] of folders) entries.set(path, { kind: 'directory', path, mode });
  for (const file of files) {
    if (entries.has(file.path)) throw clash(file, entries.get(file.path)?.kind);
    entries.set(file.path, await tarFile(file));
  }
  return [...entries.values()].sort((left, right) => byBytes(left.path, right.path));
}

function clash(file: ImageFile, kind: TarEntry['kind'] | undefined): ImageError {
  const problem =
    kind === 'directory' ? 'is a file and also a folder of other files' : 'is given twice';
  return new ImageError('path-invalid', `image path ${file.path}: ${problem}; rename one of them`);
}

async function tarFile({ path, source, executable = false }: ImageFile): Promise<TarFile> {
  const mode = executable ? 0o755 : 0o644;
  if ('bytes' in source) {
    const { bytes } = source;
    return { kind: 'file', path, mode, size: bytes.length, content: () => contentOf(bytes) };
  }
  const { file } = source;
  const size = await sizeOf(file, path);
  return { kind: 'file', path, mode, size, content: () => read(file, path), source: file };
}

async function sizeOf(file: string, path: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, path, error);
  });
  if (!found.isFile()) throw unreadable(file, path, new Error('not a regular file'));
  return found.size;
}

/** In bytes. Smaller pieces cost more turns of the event loop than the disk takes. */
const pieceSize = 1024 * 1024;

async function* read(file: string, path: string): Content {
  try {
    const stream = createReadStream(file, { highWaterMark: pieceSize });
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw unreadable(file, path, error);
  }
}

function unreadable(file: string, path: string, cause: unknown): ImageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImageError(
    'source-unreadable',
    `${file} (image path ${path}) cannot be read: ${reason}; build it first, or correct the path`,
    { cause },
  );
}
