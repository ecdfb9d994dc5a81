import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { sha256Of, type Sha256 } from '../sha256.js';
import { archiveOf, sampleArchive, sampleProgram, tarOf, type Member } from '../test/archive.js';
import { collect, programBytes } from '../test/content.js';
import { inspectZip } from './inspect.js';
import type { ArchiveContent } from './provider-files.js';
import { h1OfArchive, repack, type RepackOptions } from './repack.js';
import { writeScratch } from './scratch.js';

const windowsFile = 'terraform-provider-teleport-v9.1.3-windows-amd64-bin.tar.gz';
const program: Member = { name: sampleProgram, content: 'a program\n' };

/** The header of a program for Linux, before its machine. */
const elf = [...Buffer.from('\x7fELF'), 2, 1, 1, ...Array<number>(9).fill(0), 2, 0];

async function repacked(archive: ArchiveContent, options?: RepackOptions) {
  const path = join(await temporaryDirectory(), 'x.zip');
  const zip = repack(archive, options);
  await writeScratch(path, zip.content);
  return { ...zip.result(), path };
}

describe('Repacking', () => {
  test('gives these bytes for this archive', async () => {
    const zip = repack(await sampleArchive());
    const bytes = await collect(zip.content);
    expect(zip.result()).toEqual({
      size: bytes.length,
      sha256: sha256Of(bytes),
      h1: 'h1:NoGdqcDD5DRXnpQ1v1EnxOU3/HvKrbfHZ+p7RlLTbko=',
      files: [
        {
          name: 'terraform-provider-teleport_v9.1.3',
          size: 10,
          sha256: sha256Of(Buffer.from('a program\n')),
        },
      ],
    });
    expect(zip.result().sha256).toBe(
      'c4fdfa67ebf297079eb1305cdd12f1be81fd646314976be835fa223c9f0b4e70',
    );
  });

  test('makes the program executable, and names it as all providers do', async () => {
    for (const [file, name, expected] of [
      [undefined, `./${sampleProgram}`, 'terraform-provider-teleport_v9.1.3'],
      [undefined, `${sampleProgram}_v9.1.3`, 'terraform-provider-teleport_v9.1.3'],
      [windowsFile, `${sampleProgram}.exe`, 'terraform-provider-teleport_v9.1.3.exe'],
      [windowsFile, sampleProgram, 'terraform-provider-teleport_v9.1.3.exe'],
    ] as const) {
      const content = programBytes(1.5);
      const archive = await sampleArchive(content, {
        name,
        ...(file === undefined ? {} : { file }),
      });
      const zip = await repacked(archive);
      const inspected = await inspectZip(zip.path, 'x.zip');
      expect(inspected.files).toEqual([
        { name: expected, mode: 0o755, size: content.length, sha256: sha256Of(content) },
      ]);
      expect(inspected.h1).toBe(zip.h1);
    }
  });

  test('keeps a licence and a readme beside it', async () => {
    const bytes = await tarOf([
      { name: 'LICENSE', content: 'Apache-2.0' },
      program,
      { name: './README.md', mode: 0o755, content: '# Provider' },
    ]);
    const { files } = await inspectZip((await repacked(archiveOf(gzipSync(bytes)))).path, 'x');
    expect(files.map(({ name, mode }) => [name, mode])).toEqual([
      ['LICENSE', 0o644],
      ['terraform-provider-teleport_v9.1.3', 0o755],
      ['README.md', 0o644],
    ]);
  });

  test('makes no difference to h1, which can be known without it', async () => {
    const archive = () => sampleArchive(programBytes(2));
    expect(await h1OfArchive(await archive())).toBe((await repacked(await archive())).h1);
  });

  test.each<[string, readonly Member[]]>([
    ['has no file "terraform-provider-teleport" at its root', []],
    ['has no file "terraform-provider-teleport" at its root', [{ name: 'README.md', content: '' }]],
    ['has "teleport" in it', [{ name: 'teleport', content: 'x' }]],
    ['has "../terraform-provider-teleport" in it', [{ ...program, name: `../${sampleProgram}` }]],
    ['has "/terraform-provider-teleport" in it', [{ ...program, name: `/${sampleProgram}` }]],
    ['has "bin/terraform-provider-teleport" in it', [{ ...program, name: `bin/${sampleProgram}` }]],
    ['has ".//../x" in it', [program, { name: './/../x', content: 'x' }]],
    ['has the folder "bin/" in it', [program, { name: 'bin/', type: 'directory' }]],
    [
      'has "terraform-provider-teleport_v9.1.2" in it',
      [{ ...program, name: `${sampleProgram}_v9.1.2` }],
    ],
    ['has "terraform-provider-teleport.exe" in it', [{ ...program, name: `${sampleProgram}.exe` }]],
    [
      'has "terraform-provider-teleport_v9.1.3" twice',
      [program, { ...program, name: `./${sampleProgram}` }],
    ],
    [
      'has "LICENSE" twice',
      [program, { name: 'LICENSE', content: '' }, { name: 'LICENSE', content: '' }],
    ],
    ['"terraform-provider-teleport" in it is empty', [{ ...program, content: '' }]],
    [
      '"terraform-provider-teleport" in it is a symbolic link',
      [{ name: sampleProgram, type: 'symlink', linkname: 'x' }],
    ],
    ['has "install.sh" in it', [program, { name: 'install.sh', content: 'x' }]],
    ['has "readme" in it', [program, { name: 'readme', content: 'x' }]],
  ])('is refused when the archive %s', async (what, members) => {
    const archive = archiveOf(gzipSync(await tarOf(members)));
    await expect(repacked(archive)).rejects.toMatchObject({
      code: 'archive-refused',
      message: expect.stringContaining(`linux-amd64-bin.tar.gz: ${what}`) as string,
    });
  });

  test('is refused when the program is for another platform, and only then', async () => {
    const file = 'terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz';
    const header = (machine: number) => Buffer.of(...elf, machine, 0);
    const large = Buffer.alloc(300_000, 7);
    for (const rest of [Buffer.of(), large]) {
      for (const [machine, what] of [
        [0xb7, 'linux_arm64'],
        [0x08, 'another kind of machine'],
      ] as const) {
        const archive = await sampleArchive(Buffer.concat([header(machine), rest]));
        await expect(repacked(archive)).rejects.toMatchObject({
          code: 'archive-refused',
          message: expect.stringContaining(
            `${file}: has a program for ${what} in it, and not for linux_amd64; `,
          ) as string,
        });
      }
      const content = Buffer.concat([header(0x3e), rest]);
      const { files } = await repacked(await sampleArchive(content));
      expect(files).toMatchObject([{ size: content.length, sha256: sha256Of(content) }]);
    }
  });

  test('is refused when the archive is not the one of its checksum', async () => {
    const archive = await sampleArchive();
    const other = { ...archive, sha256: 'ab'.repeat(32) as Sha256 };
    await expect(repacked(other)).rejects.toMatchObject({
      code: 'archive-damaged',
      message: expect.stringContaining(
        `has the sha256 ${archive.sha256} and not ${other.sha256}`,
      ) as string,
    });
  });

  test('is refused when the archive is cut short, and leaves no zip', async () => {
    const bytes = gzipSync(await tarOf([{ ...program, content: programBytes(1) }]));
    const directory = await temporaryDirectory();
    for (const length of [0, 5, 1000, bytes.length - 9, bytes.length - 1]) {
      const { content } = repack(archiveOf(bytes.subarray(0, length)));
      await expect(writeScratch(join(directory, 'x.zip'), content)).rejects.toMatchObject({
        code: 'archive-damaged',
      });
      expect(await readdir(directory)).toEqual([]);
    }
  });

  test('stops when an archive holds more than it may', async () => {
    const bomb = gzipSync(await tarOf([{ ...program, content: Buffer.alloc(3_000_000) }]));
    await expect(repacked(archiveOf(bomb), { sizeLimit: 1_000_000 })).rejects.toThrow(
      'holds more than 1000000 bytes',
    );
    const padded = gzipSync(Buffer.concat([await tarOf([program]), Buffer.alloc(3_000_000)]));
    await expect(repacked(archiveOf(padded), { sizeLimit: 1_000_000 })).rejects.toThrow(
      'holds more than 1000000 bytes',
    );
  });

  test('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(repacked(await sampleArchive(), { signal })).rejects.toThrow('enough');
  });
});
