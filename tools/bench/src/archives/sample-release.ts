import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { tar } from '@teleport-plugins/image';
import {
  archivesFolder,
  fileNames,
  formatArchiveName,
  formatReleaseTag,
  formatSidecar,
  parseVersion,
  type Platform,
  type Sha256,
} from '@teleport-plugins/terraform-registry';

import { sampleProgram } from './program.js';

/** How much is repacked. */
export interface ReleaseSize {
  /** How many archives there are, each of another platform. */
  readonly platforms: number;
  /** Of the executable in each, in bytes. */
  readonly executable: number;
}

/** The release whose archives are repacked. */
export const sampleRelease = { type: 'teleport', version: parseVersion('9.1.3', 'bench') };

/** The platforms of providers, those first that people use most. */
export const samplePlatforms: readonly Platform[] = [
  { os: 'linux', arch: 'amd64' },
  { os: 'linux', arch: 'arm64' },
  { os: 'darwin', arch: 'arm64' },
  { os: 'darwin', arch: 'amd64' },
  { os: 'windows', arch: 'amd64' },
  { os: 'freebsd', arch: 'amd64' },
  { os: 'linux', arch: 'arm' },
  { os: 'linux', arch: '386' },
];

/** Where an archive is in the folder of a store of artifacts. */
export function archivePath(store: string, platform: Platform): string {
  const file = formatArchiveName({ ...sampleRelease, platform });
  return join(store, archivesFolder, formatReleaseTag(sampleRelease), file);
}

/** The zip that an archive becomes, and the executable in it. */
export function zipNames(platform: Platform): { readonly zip: string; readonly program: string } {
  const { type, version } = sampleRelease;
  const ending = platform.os === 'windows' ? '.exe' : '';
  return {
    zip: fileNames.zip(sampleRelease, platform),
    program: `terraform-provider-${type}_v${version}${ending}`,
  };
}

/** Puts the archives of the release, each with its checksum beside it, into a store of artifacts. */
export async function writeArchives(store: string, size: ReleaseSize): Promise<void> {
  for (const [seed, platform] of samplePlatforms.slice(0, size.platforms).entries()) {
    const path = archivePath(store, platform);
    await mkdir(dirname(path), { recursive: true });
    const program = {
      kind: 'file' as const,
      path: `terraform-provider-${sampleRelease.type}`,
      mode: 0o755,
      size: size.executable,
      content: () => sampleProgram(seed, size.executable),
    };
    await pipeline(tar([program], { mtime: 0 }), createGzip(), createWriteStream(path));
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    const file = formatArchiveName({ ...sampleRelease, platform });
    await writeFile(`${path}.sha256`, formatSidecar(hash.digest('hex') as Sha256, file));
  }
}
