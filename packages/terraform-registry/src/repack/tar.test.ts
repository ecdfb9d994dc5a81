import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { tarOf, type Member } from '../test/archive.js';
import { attemptAsync } from '../test/attempt.js';
import { collect, inPieces } from '../test/content.js';
import { readTar } from './tar.js';

interface Found {
  readonly kind: string;
  readonly path: string;
  readonly content: string;
}

async function read(bytes: Uint8Array, cuts: readonly number[] = []): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const { kind, path, size, content } of readTar(inPieces(bytes, cuts), 'x')) {
    const all = await collect(content);
    expect(all).toHaveLength(size);
    found.push({ kind, path, content: all.toString() });
  }
  return found;
}

const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;

describe('A tar archive', () => {
  test('is read as another writer wrote it, however it is cut into pieces', async () => {
    const name = fc.stringMatching(/^[a-zé./]{1,120}[a-z]$/);
    const file = fc.record({ name, content: fc.string({ maxLength: 1200 }) });
    const cuts = fc.array(fc.nat(700), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 4 }), cuts, async (files, sizes) => {
        expect(await read(await tarOf(files), sizes)).toEqual(
          files.map(({ name: path, content }) => ({ kind: 'file', path, content })),
        );
      }),
    );
  });

  test('goes on where a file was not read', async () => {
    const archive = await tarOf([
      { name: 'a', content: 'x'.repeat(2000) },
      { name: 'b', content: '' },
    ]);
    const paths: string[] = [];
    for await (const member of readTar(inPieces(archive), 'x')) paths.push(member.path);
    expect(paths).toEqual(['a', 'b']);
  });

  test('may have sizes that octal digits cannot say', async () => {
    const archive = await tarOf([{ name: 'a', content: 'abc' }]);
    archive.fill(0, 124, 136);
    archive[124] = 0x80;
    archive[135] = 3;
    expect(await read(withChecksum(archive))).toEqual([
      { kind: 'file', path: 'a', content: 'abc' },
    ]);
  });

  test.each<[string, Member]>([
    ['a symbolic link', { name: 'a', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'a', type: 'link', linkname: 'b' }],
    ['a character device', { name: 'a', type: 'character-device', devmajor: 1, devminor: 3 }],
    ['a block device', { name: 'a', type: 'block-device' }],
    ['a named pipe', { name: 'a', type: 'fifo' }],
    ['a symbolic link', { name: long, type: 'symlink', linkname: long }],
  ])('with %s is refused', async (what, header) => {
    await expect(read(await tarOf([header]))).rejects.toMatchObject({
      code: 'archive-refused',
      message: expect.stringContaining(`in it is ${what}; build the archive`) as string,
    });
  });

  test('that says of all its files what they are called is refused', async () => {
    const archive = await tarOf([{ name: 'a', content: '', pax: { path: 'b' } }]);
    archive.write('g', 156);
    await expect(read(withChecksum(archive))).rejects.toThrow('names all files alike');
  });

  test('that is cut short anywhere, or has no end, is damaged', async () => {
    const archive = await tarOf([{ name: 'a', content: 'x'.repeat(600) }]);
    for (let length = 0; length < archive.length; length += 1) {
      await expect(read(archive.subarray(0, length))).rejects.toMatchObject({
        code: 'archive-damaged',
      });
    }
  });

  test('may be padded with zeros, and with nothing else', async () => {
    const archive = await tarOf([{ name: 'a', content: 'abc' }]);
    expect(await read(Buffer.concat([archive, Buffer.alloc(5000)]))).toHaveLength(1);
    const more = Buffer.concat([archive, archive]);
    await expect(read(more)).rejects.toThrow('something follows the end of its tar archive');
  });

  test('with any bytes changed is read or refused by an error of this package', async () => {
    const archive = await tarOf([
      { name: long, content: 'abc', pax: { comment: 'x' } },
      { name: 'b', content: 'x'.repeat(700) },
    ]);
    const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, sum) => {
          const bytes = Buffer.from(archive);
          for (const [at, byte] of changes) bytes[at] = byte;
          await attemptAsync(() => read(sum ? withChecksum(bytes) : bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describeWithPeer({ program: 'tar', install: 'apt-get install tar' }, (program) => {
  test.each(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])(
    'the format %s of GNU tar is read',
    async (format) => {
      const directory = await temporaryDirectory();
      const name = format === 'v7' ? 'short' : `${'d'.repeat(60)}/${'e'.repeat(70)}`;
      await mkdir(join(directory, 'in', name, '..'), { recursive: true });
      await writeFile(join(directory, 'in', name), 'content');
      const file = join(directory, 'x.tar');
      execFileSync(program, [
        `--format=${format}`,
        '-cf',
        file,
        '-C',
        join(directory, 'in'),
        `./${name}`,
      ]);
      const archive = execFileSync('cat', [file]);
      expect(await read(archive)).toEqual([
        { kind: 'file', path: `./${name}`, content: 'content' },
      ]);
    },
  );
});

/** The archive with the checksum of its first header put right. */
function withChecksum(archive: Buffer): Buffer {
  const bytes = Buffer.from(archive);
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}
