import type { Content } from '../content.js';
import { meter, type Meter, type Sha256 } from '../sha256.js';
import type { DeflateOptions } from './deflate.js';
import { h1Of, type H1, type HashedFile } from './h1.js';
import { providerFiles, type ArchiveContent, type ReadOptions } from './provider-files.js';
import { zip, type ZipFile } from './zip.js';

export interface RepackOptions extends ReadOptions, DeflateOptions {}

/** What is known of a zip when all of it was written. */
export interface Repacked {
  readonly size: number;
  readonly sha256: Sha256;
  readonly h1: H1;
  readonly files: readonly HashedFile[];
}

/**
 * A provider's archive as the zip that Terraform installs, as a stream: neither is ever in memory as a
 * whole. The same archive gives the same bytes in any time zone, with the same zlib; `h1` is the same with
 * any. Nothing of the content may be used unless it came to its end; `result` is for then.
 */
export function repack(
  archive: ArchiveContent,
  options: RepackOptions = {},
): { readonly content: Content; readonly result: () => Repacked } {
  const files = hashed(providerFiles(archive, options));
  const whole = metered(zip(files.files, options));
  return {
    content: whole.content,
    result() {
      const found = files.result();
      return {
        size: whole.meter.size,
        sha256: whole.meter.sha256(),
        h1: h1Of(found),
        files: found,
      };
    },
  };
}

/** The `h1` of the zip that an archive becomes, without making it. */
export async function h1OfArchive(archive: ArchiveContent, options: ReadOptions = {}): Promise<H1> {
  const files = hashed(providerFiles(archive, options));
  for await (const { content } of files.files) await drain(content);
  return h1Of(files.result());
}

function hashed(files: AsyncIterable<ZipFile>) {
  const found: { readonly file: ZipFile; readonly meter: Meter }[] = [];
  async function* pass(): AsyncGenerator<ZipFile, void> {
    for await (const file of files) {
      const { content, meter } = metered(file.content);
      found.push({ file, meter });
      yield { ...file, content };
    }
  }
  const result = () =>
    found.map(({ file: { name, size }, meter }) => ({ name, size, sha256: meter.sha256() }));
  return { files: pass(), result };
}

function metered(content: Content): { readonly content: Content; readonly meter: Meter } {
  const measured = meter();
  async function* pass(): Content {
    for await (const piece of content) {
      measured.add(piece);
      yield piece;
    }
  }
  return { content: pass(), meter: measured };
}

async function drain(content: Content): Promise<void> {
  const pieces = content[Symbol.asyncIterator]();
  while ((await pieces.next()).done !== true);
}
