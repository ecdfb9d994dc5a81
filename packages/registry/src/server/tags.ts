import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { isDigest, type Digest } from '@teleport-plugins/oci';

import {
  linkTo,
  moveTo,
  readBytes,
  remove,
  unlessMissing,
  writeDurably,
  type Files,
} from './files.js';
import { tagOfFileName, type Paths } from './paths.js';

/** The tags of all repositories: each is a file with a digest, which is there whole or not at all. */
export interface Tags {
  resolve(repository: string, tag: string): Promise<Digest | undefined>;
  /** In the order of their characters' codes. */
  list(repository: string): Promise<readonly string[]>;
  /** Points a tag at a digest, wherever it pointed before. */
  set(repository: string, tag: string, digest: Digest): Promise<void>;
  /**
   * Makes a tag unless it is there: of many processes that try at once, one does. Returns the digest
   * that the tag then names, which for the others is not theirs.
   */
  create(repository: string, tag: string, digest: Digest): Promise<Digest>;
  /** `false` when there is no such tag. */
  delete(repository: string, tag: string): Promise<boolean>;
}

export function tagsIn(paths: Paths, files: Files): Tags {
  async function resolve(repository: string, tag: string): Promise<Digest | undefined> {
    const text = await readBytes(files, paths.tag(repository, tag));
    const digest = text?.toString('utf8').trimEnd() ?? '';
    return isDigest(digest) ? digest : undefined;
  }

  async function written<T>(digest: Digest, use: (path: string) => Promise<T>): Promise<T> {
    const path = join(paths.temporary, randomUUID());
    try {
      await writeDurably(files, path, Buffer.from(`${digest}\n`));
      return await use(path);
    } finally {
      await remove(files, path);
    }
  }

  return {
    resolve,

    async list(repository) {
      const names = (await unlessMissing(files.readdir(paths.tags(repository)))) ?? [];
      return names.flatMap((name) => tagOfFileName(name) ?? []).sort();
    },

    async set(repository, tag, digest) {
      if ((await resolve(repository, tag)) === digest) return;
      await written(digest, (path) => moveTo(files, path, paths.tag(repository, tag)));
    },

    async create(repository, tag, digest) {
      return written(digest, async (path) => {
        if (await linkTo(files, path, paths.tag(repository, tag))) return digest;
        const found = await resolve(repository, tag);
        if (found) return found;
        throw new Error(
          `the tag ${tag} was deleted in this instant, or its file is damaged; try again`,
        );
      });
    },

    async delete(repository, tag) {
      return remove(files, paths.tag(repository, tag));
    },
  };
}
