import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { splitDigest, type Digest } from '@teleport-plugins/oci';

import { linkTo, moveTo, remove, unlessMissing, type Files } from './files.js';
import type { Paths } from './paths.js';

/**
 * The blobs of all repositories. A repository's blob is a hard link to bytes that it may share with
 * other repositories: whatever happens to theirs, its own name goes on leading to the whole content.
 */
export interface Blobs {
  /** In bytes; `undefined` when the repository has no such blob. */
  size(repository: string, digest: Digest): Promise<number | undefined>;
  /** The caller closes the handle. */
  open(repository: string, digest: Digest): Promise<FileHandle | undefined>;
  /** Makes a file, whose bytes are known to have the digest, the repository's blob. It loses its name. */
  adopt(repository: string, digest: Digest, path: string): Promise<void>;
  /** Takes a blob over from another repository, or when none is named from any that has it. */
  mount(repository: string, digest: Digest, from: string | undefined): Promise<boolean>;
  /** `false` when the repository has no such blob. */
  delete(repository: string, digest: Digest): Promise<boolean>;
}

export function blobsIn(paths: Paths, files: Files): Blobs {
  /** Takes the place of a blob that is there: it may be damaged, these bytes were just verified. */
  async function place(path: string, repository: string, digest: Digest): Promise<void> {
    const target = paths.blob(repository, digest);
    if (await linkTo(files, path, target)) return;
    const beside = join(paths.temporary, randomUUID());
    await files.link(path, beside);
    await moveTo(files, beside, target);
    // A rename between two names of one file does nothing, and leaves both.
    await remove(files, beside);
  }

  async function isIntact(path: string, digest: Digest): Promise<boolean> {
    const handle = await unlessMissing(files.open(path, 'r'));
    if (!handle) return false;
    const { algorithm, hex } = splitDigest(digest);
    const hash = createHash(algorithm);
    for await (const piece of handle.createReadStream() as AsyncIterable<Buffer>) {
      hash.update(piece);
    }
    return hash.digest('hex') === hex;
  }

  return {
    async size(repository, digest) {
      return (await unlessMissing(files.stat(paths.blob(repository, digest))))?.size;
    },

    async open(repository, digest) {
      return unlessMissing(files.open(paths.blob(repository, digest), 'r'));
    },

    async adopt(repository, digest, path) {
      const shared = paths.sharedBlob(digest);
      if (await isIntact(shared, digest)) {
        const placed = place(shared, repository, digest).then(() => true);
        // Its last repository may delete it between the check and the link: then it is missing.
        if (await unlessMissing(placed)) {
          await remove(files, path);
          return;
        }
      }
      await sync(files, path);
      await place(path, repository, digest);
      await moveTo(files, path, shared);
    },

    async mount(repository, digest, from) {
      const source = from === undefined ? paths.sharedBlob(digest) : paths.blob(from, digest);
      if (!(await unlessMissing(files.stat(source)))) return false;
      const linked = linkTo(files, source, paths.blob(repository, digest)).then(() => true);
      return (await unlessMissing(linked)) ?? false;
    },

    async delete(repository, digest) {
      const removed = await remove(files, paths.blob(repository, digest));
      const shared = paths.sharedBlob(digest);
      // Who links it in this instant keeps the bytes under the name of its own. When a process is
      // killed here, the next that deletes this blob anywhere makes the room.
      if ((await unlessMissing(files.stat(shared)))?.nlink === 1) await remove(files, shared);
      return removed;
    },
  };
}

async function sync(files: Files, path: string): Promise<void> {
  const handle = await files.open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
