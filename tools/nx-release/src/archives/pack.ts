import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { gzip, tar, type TarFile } from '@teleport-plugins/image';
import { contentOf } from '@teleport-plugins/oci';
import {
  formatArchiveName,
  formatSidecar,
  type Sha256,
} from '@teleport-plugins/terraform-registry';

import type { ProviderStep } from '../step/step.js';
import type { Program } from './programs.js';
import { releaseOf } from './release.js';

/** An archive that was just written. */
export interface PackedArchive {
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: Sha256;
}

/**
 * Writes the archive of each program, and its checksum beside it, into a folder for the release tag inside a
 * folder. The same programs give the same bytes on any machine.
 */
export async function packArchives(
  step: ProviderStep,
  programs: readonly Program[],
  folder: string,
): Promise<readonly PackedArchive[]> {
  const { signal } = step.host;
  const place = join(folder, step.selection.releaseTag);
  await mkdir(place, { recursive: true });
  const packed: PackedArchive[] = [];
  for (const program of programs) {
    const { platform } = program;
    const file = formatArchiveName({ ...releaseOf(step), platform });
    const hash = createHash('sha256');
    let size = 0;
    const archive = gzip(tar([memberOf(program)], { mtime: 0, signal }));
    await pipeline(
      archive,
      async function* measured(pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          hash.update(piece);
          size += piece.length;
          yield piece;
        }
      },
      createWriteStream(join(place, file), { flags: 'wx' }),
      { signal },
    );
    const sha256 = hash.digest('hex') as Sha256;
    await writeFile(join(place, `${file}.sha256`), formatSidecar(sha256, file));
    packed.push({ file, size, sha256 });
  }
  return packed;
}

function memberOf({ name, size, source }: Program): TarFile {
  const file = { kind: 'file', path: name, mode: 0o755, size } as const;
  if ('bytes' in source) return { ...file, content: () => contentOf(source.bytes) };
  const content = () => createReadStream(source.file) as AsyncIterable<Uint8Array>;
  return { ...file, content, source: source.file };
}
