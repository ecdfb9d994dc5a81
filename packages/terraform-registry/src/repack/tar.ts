import type { Content } from '../content.js';
import { quoted } from '../quoted.js';
import { byteReader, type ByteReader } from './byte-reader.js';
import { damaged, refused } from './refusal.js';
import { blockSize, isZero, parseHeader, parsePax, type TarHeader } from './tar-header.js';

/** A file or a folder in a tar archive, by the path that stands there. */
export interface TarMember {
  readonly kind: 'file' | 'directory';
  readonly path: string;
  readonly size: number;
  /** To be read before the next member is asked for, or not at all. */
  readonly content: Content;
}

/**
 * The members of a tar archive in their order. Reads what GNU tar, bsdtar, Go and Node write (ustar,
 * pax, GNU's long names); refuses links, devices and sparse files. The archive must end as one does: with
 * two empty blocks and nothing but zeros after them.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13
 */
export async function* readTar(content: Content, where: string): AsyncGenerator<TarMember, void> {
  const reader = byteReader(content);
  let said: Extension = {};
  for (;;) {
    const block = await reader.exactly(blockSize);
    if (block === undefined) throw damaged(where, 'its tar archive has no end');
    if (isZero(block)) break;
    const header = parseHeader(block, where);
    const extension = await readExtension(header, reader, where);
    if (extension !== undefined) {
      said = { ...said, ...extension };
      continue;
    }
    yield* member({ ...header, ...said }, reader, where);
    said = {};
  }
  await readEnd(reader, where);
}

interface Extension {
  readonly path?: string;
  readonly size?: number;
}

const longestExtension = 64 * 1024;

/** What a member says of the next one; `undefined` for a member that is one itself. */
async function readExtension(
  { type, size }: TarHeader,
  reader: ByteReader,
  where: string,
): Promise<Extension | undefined> {
  if (!['x', 'g', 'L', 'K'].includes(type)) return undefined;
  if (size > longestExtension) throw damaged(where, 'its tar archive has an endless header');
  const bytes = await reader.exactly(size);
  const padding = await reader.exactly(paddingOf(size));
  if (bytes === undefined || padding === undefined) throw cutShort(where);
  switch (type) {
    case 'x':
      return extensionOf(parsePax(bytes, where), where);
    case 'g':
      if ('path' in extensionOf(parsePax(bytes, where), where)) {
        throw refused(where, 'its tar archive names all files alike');
      }
      return {};
    case 'L':
      return { path: bytes.toString('utf8').replace(/\0.*$/s, '') };
    default:
      return {}; // the target of a link, which is refused when it comes
  }
}

function extensionOf(records: ReadonlyMap<string, string>, where: string): Extension {
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw refused(where, 'has a sparse file in it');
  }
  const path = records.get('path');
  const size = records.get('size');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw damaged(where, 'a size in it is none');
  return {
    ...(path === undefined ? {} : { path }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

async function* member(
  { type, path, size }: TarHeader,
  reader: ByteReader,
  where: string,
): AsyncGenerator<TarMember, void> {
  const kind = kindOf(type, path);
  if (kind === undefined) {
    throw refused(where, `${quoted(path)} in it is ${typeNames[type] ?? 'of an unknown kind'}`);
  }
  if (kind === 'directory' && size !== 0) throw damaged(where, `${quoted(path)} has content`);
  let left = size;
  async function* content(): Content {
    for await (const piece of reader.next(left)) {
      left -= piece.length;
      yield piece;
    }
    if (left > 0) throw cutShort(where);
  }
  yield { kind, path, size, content: content() };
  for await (const piece of reader.next(left)) left -= piece.length;
  if (left > 0 || (await reader.exactly(paddingOf(size))) === undefined) throw cutShort(where);
}

const typeNames: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  S: 'a sparse file',
};

function kindOf(type: string, path: string): TarMember['kind'] | undefined {
  if (type === '5') return 'directory';
  // Before ustar a folder was told by its name.
  if (type === '\0' && path.endsWith('/')) return 'directory';
  return type === '0' || type === '\0' ? 'file' : undefined;
}

async function readEnd(reader: ByteReader, where: string): Promise<void> {
  const second = await reader.exactly(blockSize);
  if (second === undefined || !isZero(second)) throw damaged(where, 'its tar archive has no end');
  for await (const piece of reader.rest()) {
    if (!isZero(piece)) throw damaged(where, 'something follows the end of its tar archive');
  }
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function cutShort(where: string) {
  return damaged(where, 'its tar archive is cut short');
}
