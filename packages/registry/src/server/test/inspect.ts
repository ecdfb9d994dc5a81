import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { children, manifestTypeOf, parseManifest, type Digest } from '@teleport-plugins/oci';

import { pathsIn } from '../paths.js';
import { openStore } from '../store.js';

/** What is wrong in a registry's folder: what it serves must be complete and whole at any time. */
export async function faultsIn(directory: string): Promise<readonly string[]> {
  const store = await openStore(directory, { readOnly: true });
  const paths = pathsIn(directory);
  const faults: string[] = [];

  async function damaged(path: string, digest: Digest): Promise<boolean> {
    const [algorithm = '', hex] = digest.split(':');
    return (
      createHash(algorithm)
        .update(await readFile(path))
        .digest('hex') !== hex
    );
  }

  for (const repository of await store.repositories()) {
    for (const digest of await digestsIn(join(paths.repositories, repository, '_blobs'))) {
      if (await damaged(paths.blob(repository, digest), digest)) {
        faults.push(`${repository}: blob ${digest} is damaged`);
      }
    }
    for (const digest of await digestsIn(paths.manifests(repository))) {
      const bytes = await store.manifests.read(repository, digest);
      const type = bytes && manifestTypeOf(bytes);
      if (!type) {
        faults.push(`${repository}: manifest ${digest} is damaged`);
        continue;
      }
      const descriptor = { mediaType: type, digest, size: bytes.length };
      const { blobs, manifests } = children(parseManifest(descriptor, bytes));
      for (const child of blobs) {
        if ((await store.blobs.size(repository, child.digest)) === child.size) continue;
        faults.push(`${repository}: ${digest} lacks its blob ${child.digest}`);
      }
      for (const child of manifests) {
        if (await store.manifests.read(repository, child.digest)) continue;
        faults.push(`${repository}: ${digest} lacks its manifest ${child.digest}`);
      }
    }
    for (const tag of await readdir(paths.tags(repository)).catch(() => [])) {
      const digest = await store.tags.resolve(repository, tag);
      if (digest && (await store.manifests.read(repository, digest))) continue;
      faults.push(`${repository}: tag ${tag} leads nowhere`);
    }
  }
  return faults;
}

/** How many bytes the folder takes, each file once. */
export async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true });
  const files = new Map<number, number>();
  for (const entry of entries) {
    const stats = await stat(join(directory, entry));
    if (stats.isFile()) files.set(stats.ino, stats.size);
  }
  return [...files.values()].reduce((sum, size) => sum + size, 0);
}

async function digestsIn(directory: string): Promise<readonly Digest[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const [algorithm = '', hex] = entry.split('/');
    return hex === undefined ? [] : [`${algorithm}:${hex}` as Digest];
  });
}
