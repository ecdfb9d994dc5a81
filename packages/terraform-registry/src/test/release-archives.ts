import { gzipSync } from 'node:zlib';

import { memoryStore } from '@teleport-plugins/object-store';

import { archivesFolder, listArchives, type ReleaseArchives } from '../archives/listing.js';
import { formatArchiveName, formatReleaseTag } from '../archives/name.js';
import { formatSidecar } from '../archives/sidecar.js';
import { platformText } from '../documents/readers.js';
import { sha256Of } from '../sha256.js';
import { parseVersion } from '../version.js';
import { sampleProgram, tarOf, type Member } from './archive.js';

export interface ReleaseOptions {
  readonly platforms?: readonly string[];
  /** What the program of each platform is. */
  readonly program?: (platform: string) => Uint8Array | string;
  readonly beside?: readonly Member[];
}

/** The archives of a version under its tag, in a store of their own. */
export async function releaseOf(
  version: string,
  options: ReleaseOptions = {},
): Promise<ReleaseArchives> {
  const { platforms = ['linux_amd64', 'darwin_arm64'], beside = [] } = options;
  const { program = (platform: string) => `#!/bin/sh\necho ${version} ${platform}\n` } = options;
  const release = { type: 'teleport', version: parseVersion(version, 'test') };
  const store = memoryStore('s3://artifacts');
  for (const platform of platforms) {
    const name = { ...release, platform: platformText(platform, 'test') };
    const file = formatArchiveName(name);
    const key = `${archivesFolder}/${formatReleaseTag(release)}/${file}`;
    const members = [{ name: `./${sampleProgram}`, content: program(platform) }, ...beside];
    const bytes = gzipSync(await tarOf(members));
    const labels = { mode: 'create', contentType: 'application/gzip' } as const;
    await store.put(key, bytes, labels);
    await store.put(`${key}.sha256`, formatSidecar(sha256Of(bytes), file), labels);
  }
  return listArchives(store, release);
}
