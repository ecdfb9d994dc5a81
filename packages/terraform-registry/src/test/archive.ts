import { gzipSync } from 'node:zlib';

import tarStream, { type Header } from 'tar-stream';

import { parseArchiveName } from '../archives/name.js';
import type { ArchiveContent } from '../repack/provider-files.js';
import { sha256Of } from '../sha256.js';
import { collect, inPieces } from './content.js';

/** Something to be put into a tar archive: a header of tar-stream, and what it holds. */
export type Member = Partial<Header> & {
  readonly name: string;
  readonly content?: Uint8Array | string;
};

/** A tar archive made by a writer that is not ours. */
export async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const pack = tarStream.pack();
  for (const { content, ...rest } of members) {
    // Else it is now, and no archive is like the one before.
    const header = { mtime: new Date(0), ...rest };
    if (content === undefined) pack.entry(header).end(Buffer.alloc(0));
    else pack.entry(header, Buffer.from(content));
  }
  pack.finalize();
  return collect(pack as AsyncIterable<Uint8Array>);
}

const sampleFile = 'terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz';
export const sampleProgram = 'terraform-provider-teleport';

/** A tar.gz as it stands under a release tag. */
export function archiveOf(bytes: Uint8Array, file = sampleFile): ArchiveContent {
  return { name: parseArchiveName(file), sha256: sha256Of(bytes), content: inPieces(bytes) };
}

/** The archive that a build makes: the program alone, below `./` or not. */
export async function sampleArchive(
  content: Uint8Array | string = 'a program\n',
  { file = sampleFile, name = `./${sampleProgram}` } = {},
): Promise<ArchiveContent> {
  const members = [
    { name: './', type: 'directory' as const },
    { name, mode: 0o644, content },
  ];
  return archiveOf(gzipSync(await tarOf(members)), file);
}
