import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Digest } from '@teleport-plugins/oci';

/** Changes one bit of a blob or manifest in a cache of bases: its size stays as it is. */
export async function damage(cacheDirectory: string, digest: Digest): Promise<void> {
  const path = join(cacheDirectory, 'layout/blobs', digest.replace(':', '/'));
  const bytes = await readFile(path);
  bytes[0] = Number(bytes[0]) ^ 1;
  await writeFile(path, bytes);
}
