import { join, resolve } from 'node:path';

import { blobsIn, type Blobs } from './blobs.js';
import { nodeFiles, unlessMissing, type Files } from './files.js';
import { openFolder } from './folder.js';
import { manifestsIn, type Manifests } from './manifests.js';
import { pathsIn, type Paths } from './paths.js';
import { tagsIn, type Tags } from './tags.js';
import { uploadsIn, type Uploads } from './uploads.js';

/** What a registry's folder holds. Several processes may have the same folder open at once. */
export interface Store {
  readonly blobs: Blobs;
  readonly uploads: Uploads;
  readonly manifests: Manifests;
  readonly tags: Tags;
  /** The names of all repositories, sorted. */
  repositories(): Promise<readonly string[]>;
}

export interface StoreOptions {
  /** Leaves the folder as it is: it must be a registry's, and nothing in it is swept. Default: false. */
  readonly readOnly?: boolean;
  readonly files?: Files;
}

/** Opens a registry's folder, which is made when it is not there. Throws `directory-unusable`. */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  const { files = nodeFiles, readOnly = false } = options;
  const root = resolve(directory);
  await openFolder(pathsIn(root), files, { readOnly });
  return storeOf(root, files);
}

/** The store of a folder that is open. */
export function storeOf(root: string, files: Files): Store {
  const paths = pathsIn(root);
  const blobs = blobsIn(paths, files);
  return {
    blobs,
    uploads: uploadsIn(paths, files, blobs),
    manifests: manifestsIn(paths, files),
    tags: tagsIn(paths, files),
    repositories: () => repositoriesIn(paths, files),
  };
}

async function repositoriesIn(paths: Paths, files: Files): Promise<readonly string[]> {
  const found: string[] = [];
  const pending = [''];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const names = (await unlessMissing(files.readdir(join(paths.repositories, name)))) ?? [];
    if (names.includes('_manifests')) found.push(name);
    for (const part of names.filter((each) => !each.startsWith('_'))) {
      pending.push(name === '' ? part : `${name}/${part}`);
    }
  }
  return found.sort();
}
