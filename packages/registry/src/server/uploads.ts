import { createHash, randomUUID, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { splitDigest, type Content, type Digest } from '@teleport-plugins/oci';

import type { Blobs } from './blobs.js';
import { remove, unlessMissing, writeAll, type Files } from './files.js';
import type { Paths } from './paths.js';
import { Refusal } from './refusal.js';

/** A part of a blob; with `start` (and `end`, inclusive) when the client said which. */
export interface Chunk {
  readonly content: Content;
  readonly range?: { readonly start: number; readonly end: number };
}

/**
 * Uploads that are under way. All there is to one is a file, so any process that serves the folder can
 * go on with it. A request that writes claims the file by renaming it: nobody else can write to it then,
 * nor to the blob that it becomes. The claim of a process that was killed stays, its upload is unknown,
 * and the client begins another.
 */
export interface Uploads {
  /** The identifier of a new upload. */
  begin(repository: string): Promise<string>;
  /** How many bytes it has. Throws `BLOB_UPLOAD_UNKNOWN`, as the next two. */
  size(repository: string, id: string): Promise<number>;
  /** Adds a chunk, whole or not at all. Returns how many bytes the upload then has. */
  append(repository: string, id: string, chunk: Chunk): Promise<number>;
  /** Adds the last chunk, if any, and makes the whole a blob if it has the digest. */
  finish(repository: string, id: string, digest: Digest, chunk: Chunk): Promise<void>;
  /** `false` when there is no such upload. */
  cancel(repository: string, id: string): Promise<boolean>;
}

export function uploadsIn(paths: Paths, files: Files, blobs: Blobs): Uploads {
  function pathOf(repository: string, id: string): string {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw uploadUnknown();
    return paths.upload(repository, id);
  }

  /** Claims an upload, and gives it back as it was when the work fails. */
  async function claim<T>(
    path: string,
    work: (handle: FileHandle, size: number) => Promise<T>,
  ): Promise<T> {
    const claimed = `${path}.claimed`;
    const renamed = files.rename(path, claimed).then(() => true);
    if (!(await unlessMissing(renamed))) throw uploadUnknown();
    let handle: FileHandle | undefined;
    let size: number | undefined;
    try {
      handle = await files.open(claimed, 'r+');
      ({ size } = await handle.stat());
      return await work(handle, size);
    } catch (error) {
      if (size !== undefined) await handle?.truncate(size);
      await files.rename(claimed, path);
      throw error;
    } finally {
      await handle?.close();
    }
  }

  return {
    async begin(repository) {
      const id = randomUUID();
      const handle = await files.open(paths.upload(repository, id), 'wx');
      await handle.close();
      return id;
    },

    async size(repository, id) {
      const stats = await unlessMissing(files.stat(pathOf(repository, id)));
      if (!stats) throw uploadUnknown();
      return stats.size;
    },

    async append(repository, id, chunk) {
      const path = pathOf(repository, id);
      const end = await claim(path, (handle, size) => receive(handle, size, chunk));
      await files.rename(`${path}.claimed`, path);
      return end;
    },

    async finish(repository, id, digest, chunk) {
      const path = pathOf(repository, id);
      const { algorithm, hex } = splitDigest(digest);
      const found = await claim(path, async (handle, size) => {
        const hash = createHash(algorithm);
        await readInto(hash, handle, size);
        await receive(handle, size, chunk, hash);
        return hash.digest('hex');
      });
      // From here on the file may be a blob: it is not to be written to again, only to lose this name.
      try {
        if (found !== hex) {
          throw new Refusal(
            400,
            'DIGEST_INVALID',
            `the bytes sent have the digest ${algorithm}:${found}, not ${digest}; begin another upload`,
          );
        }
        await blobs.adopt(repository, digest, `${path}.claimed`);
      } catch (error) {
        await remove(files, `${path}.claimed`);
        throw error;
      }
    },

    async cancel(repository, id) {
      return remove(files, pathOf(repository, id));
    },
  };
}

/** Writes a chunk at the end of what is there. Returns the new end. */
async function receive(
  handle: FileHandle,
  size: number,
  { content, range }: Chunk,
  hash?: Hash,
): Promise<number> {
  if (range && range.start !== size) {
    throw new Refusal(
      416,
      'BLOB_UPLOAD_INVALID',
      `the upload has ${size} bytes; the next chunk begins at ${size}, not at ${range.start}`,
      { headers: { range: uploadedRange(size) } },
    );
  }
  let end = size;
  for await (const piece of content) {
    const writing = writeAll(handle, piece, end);
    hash?.update(piece);
    end += piece.length;
    await writing;
  }
  if (range && end !== range.end + 1) {
    throw new Refusal(
      400,
      'SIZE_INVALID',
      `the chunk has ${end - size} bytes, its range ${range.end + 1 - range.start}`,
    );
  }
  return end;
}

/** The value of the header `Range` that says what an upload has. */
export function uploadedRange(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}

async function readInto(hash: Hash, handle: FileHandle, size: number): Promise<void> {
  if (size === 0) return;
  const stream = handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
  for await (const piece of stream as AsyncIterable<Buffer>) hash.update(piece);
}

export function uploadUnknown(): Refusal {
  return new Refusal(
    404,
    'BLOB_UPLOAD_UNKNOWN',
    'no such upload: it is done, was cancelled, or another request is writing to it; begin another',
  );
}
