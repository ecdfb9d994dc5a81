import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { Content } from '@teleport-plugins/oci';

import { ImageError } from './error.js';

/** Content on disk, for as long as nobody knows the name under which it is to be stored. */
export interface Scratch {
  write(content: Content): Promise<void>;
  read(): Content;
  close(): Promise<void>;
}

/** A file without a name: nothing of it stays when it is closed, or when this process is killed. */
export async function openScratch(directory: string): Promise<Scratch> {
  const file = await openNameless(directory);
  return {
    async write(content) {
      for await (const piece of content) {
        await file.writeFile(piece).catch((cause: unknown) => {
          throw unwritable(directory, cause);
        });
      }
    },
    async *read() {
      const stream = file.createReadStream({ start: 0, autoClose: false });
      for await (const piece of stream) yield piece as Uint8Array;
    },
    close: () => file.close(),
  };
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `.layer-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

function unwritable(directory: string, cause: unknown): ImageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImageError(
    'scratch-unwritable',
    `${directory}: a layer cannot be written there: ${reason}; make room, or name another scratch folder`,
    { cause },
  );
}
