import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { splitDigest, type Digest } from '@teleport-plugins/oci';

import { moveTo, readBytes, remove, unlessMissing, writeDurably, type Files } from './files.js';
import { digestOfFileName, type Paths } from './paths.js';

/** The manifests and indexes of all repositories, and which of them refers to which. */
export interface Manifests {
  /** The exact bytes; `undefined` when there are none, or when what is there is not what the digest names. */
  read(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  /** Stores exact bytes; their digest was verified. */
  write(repository: string, digest: Digest, bytes: Uint8Array): Promise<void>;
  /** `false` when there is no such manifest. */
  delete(repository: string, digest: Digest): Promise<boolean>;
  /** Whether anything was ever stored here. */
  has(repository: string): Promise<boolean>;
  /**
   * Remembers that a manifest's subject is another. Forgotten never, not even when the manifest is
   * deleted: it may be pushed again in that instant. So it comes before the manifest, and readers pass
   * over those that they do not find.
   */
  addReferrer(repository: string, subject: Digest, digest: Digest): Promise<void>;
  /** The manifests, sorted by digest, that said at some time that this one is their subject. */
  referrers(repository: string, subject: Digest): Promise<readonly Digest[]>;
}

export function manifestsIn(paths: Paths, files: Files): Manifests {
  async function read(repository: string, digest: Digest): Promise<Uint8Array | undefined> {
    const bytes = await readBytes(files, paths.manifest(repository, digest));
    const { algorithm, hex } = splitDigest(digest);
    return bytes && createHash(algorithm).update(bytes).digest('hex') === hex ? bytes : undefined;
  }

  async function write(target: string, bytes: Uint8Array): Promise<void> {
    const path = join(paths.temporary, randomUUID());
    try {
      await writeDurably(files, path, bytes);
      await moveTo(files, path, target);
    } catch (error) {
      await remove(files, path);
      throw error;
    }
  }

  return {
    read,

    async write(repository, digest, bytes) {
      if (await read(repository, digest)) return;
      await write(paths.manifest(repository, digest), bytes);
    },

    async delete(repository, digest) {
      return remove(files, paths.manifest(repository, digest));
    },

    async has(repository) {
      return (await unlessMissing(files.stat(paths.manifests(repository)))) !== undefined;
    },

    async addReferrer(repository, subject, digest) {
      const path = paths.referrer(repository, subject, digest);
      if (await unlessMissing(files.stat(path))) return;
      await write(path, new Uint8Array());
    },

    async referrers(repository, subject) {
      const names = await unlessMissing(files.readdir(paths.referrers(repository, subject)));
      return (names ?? []).flatMap((name) => digestOfFileName(name) ?? []).sort();
    },
  };
}
