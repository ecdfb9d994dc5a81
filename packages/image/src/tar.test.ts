import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { contentOf, digestOf } from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import tarStream from 'tar-stream';
import { describe, expect, test } from 'vitest';

import { tar, type TarEntry } from './tar.js';
import { collect, inPieces } from './test/collect.js';
import { gnuTar } from './test/peers.js';

const mtime = Date.UTC(2026, 10, 24) / 1000;

function file(path: string, bytes: Uint8Array | string = '', mode = 0o644): TarEntry {
  const content = Buffer.from(bytes);
  return { kind: 'file', path, mode, size: content.length, content: () => contentOf(content) };
}

function folder(path: string, mode = 0o755): TarEntry {
  return { kind: 'directory', path, mode };
}

const deep = `${'d'.repeat(60)}/${'f'.repeat(60)}.txt`;
const sample: readonly TarEntry[] = [
  folder('app'),
  file('app/main.mjs', 'console.log(1);\n', 0o755),
  file('app/empty'),
  file(`app/${deep}`, 'x'.repeat(512)),
  folder('app/größe – 大'),
  file('app/größe – 大/😀', 'y'.repeat(513)),
  folder('tmp', 0o1777),
];

test('the bytes are these, on every machine', async () => {
  const bytes = await collect(tar(sample, { mtime }));
  expect(bytes.length % 512).toBe(0);
  expect(digestOf(bytes)).toBe(
    'sha256:7e10449fe5e58ed5616a3b48433c3c1c8e4e3963c8a740099f0f81922b3261aa',
  );
});

test('another reader finds the same entries with fixed owners, modes and times', async () => {
  expect(await entriesOf(await collect(tar(sample, { mtime })))).toEqual([
    { path: 'app/', type: 'directory', mode: 0o755, bytes: '' },
    { path: 'app/main.mjs', type: 'file', mode: 0o755, bytes: 'console.log(1);\n' },
    { path: 'app/empty', type: 'file', mode: 0o644, bytes: '' },
    { path: `app/${deep}`, type: 'file', mode: 0o644, bytes: 'x'.repeat(512) },
    { path: 'app/größe – 大/', type: 'directory', mode: 0o755, bytes: '' },
    { path: 'app/größe – 大/😀', type: 'file', mode: 0o644, bytes: 'y'.repeat(513) },
    { path: 'tmp/', type: 'directory', mode: 0o1777, bytes: '' },
  ]);
});

test('any path and any content come back from another reader', async () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
    .map((text) => text.replace(/[\0/]/g, '_'));
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 1500 })), {
        selector: ([each]) => each,
        maxLength: 5,
      }),
      async (files) => {
        const archive = tar(
          files.map(([each, bytes]) => file(each, bytes)),
          { mtime },
        );
        const found = await entriesOf(await collect(archive));
        expect(found.map((each) => [each.path, each.bytes])).toEqual(
          files.map(([each, bytes]) => [each, Buffer.from(bytes).toString()]),
        );
      },
    ),
  );
});

test('how the content of a file is cut into pieces makes no difference', async () => {
  const bytes = Buffer.from('z'.repeat(2000));
  const inOne = await collect(tar([file('a', bytes)], { mtime }));
  const entry: TarEntry = {
    kind: 'file',
    path: 'a',
    mode: 0o644,
    size: bytes.length,
    content: () => inPieces(bytes, [0, 1, 511, 513, 0]),
  };
  expect(digestOf(await collect(tar([entry], { mtime })))).toBe(digestOf(inOne));
});

test('a size from 8 GiB is in the pax header', async () => {
  const size = 8 * 1024 ** 3;
  const entry: TarEntry = {
    kind: 'file',
    path: 'huge',
    mode: 0o644,
    size,
    content: () => contentOf(new Uint8Array()),
  };
  for await (const header of tar([entry], { mtime })) {
    expect(Buffer.from(header).toString('latin1')).toContain(`19 size=${size}\n`);
    return;
  }
});

describe('content of another size than announced', () => {
  test.each([
    ['shorter', 'abc', 'expected 4 bytes, found 3'],
    ['longer', 'abcde', 'expected 4 bytes, found more'],
  ])('that is %s is an error that names the file', async (_, text, message) => {
    const entry: TarEntry = {
      kind: 'file',
      path: 'app/a',
      mode: 0o644,
      size: 4,
      content: () => contentOf(Buffer.from(text)),
      source: '/src/a',
    };
    await expect(collect(tar([entry], { mtime }))).rejects.toMatchObject({
      code: 'source-changed',
      message: expect.stringContaining(`/src/a: changed while it was read: ${message}`) as string,
    });
  });
});

test('it stops between two pieces when it is aborted', async () => {
  const controller = new AbortController();
  const entry: TarEntry = {
    kind: 'file',
    path: 'a',
    mode: 0o644,
    size: 1024,
    async *content() {
      await Promise.resolve();
      yield new Uint8Array(512);
      controller.abort(new Error('enough'));
      yield new Uint8Array(512);
    },
  };
  const archive = tar([entry], { mtime, signal: controller.signal });
  await expect(collect(archive)).rejects.toThrow('enough');
});

describeWithPeer(gnuTar, (program) => {
  test('GNU tar lists and unpacks the tree', async () => {
    const directory = await temporaryDirectory();
    const archive = join(directory, 'sample.tar');
    await writeFile(archive, await collect(tar(sample, { mtime })));

    const list = ['-tvf', archive, '--utc', '--numeric-owner', '--quoting-style=literal'];
    const listed = execFileSync(program, list, { encoding: 'utf8' });
    expect(listed.trimEnd().replace(/ +/g, ' ').split('\n')).toEqual([
      'drwxr-xr-x 0/0 0 2026-11-24 00:00 app/',
      '-rwxr-xr-x 0/0 16 2026-11-24 00:00 app/main.mjs',
      '-rw-r--r-- 0/0 0 2026-11-24 00:00 app/empty',
      `-rw-r--r-- 0/0 512 2026-11-24 00:00 app/${deep}`,
      'drwxr-xr-x 0/0 0 2026-11-24 00:00 app/größe – 大/',
      '-rw-r--r-- 0/0 513 2026-11-24 00:00 app/größe – 大/😀',
      'drwxrwxrwt 0/0 0 2026-11-24 00:00 tmp/',
    ]);

    execFileSync(program, ['-xf', archive, '-C', directory]);
    expect(await readFile(join(directory, 'app/größe – 大/😀'), 'utf8')).toBe('y'.repeat(513));
    expect(await readFile(join(directory, 'app', deep), 'utf8')).toBe('x'.repeat(512));
  });
});

interface ReadEntry {
  readonly path: string;
  readonly type: string | null | undefined;
  readonly mode: number | undefined;
  readonly bytes: string;
}

/** Reads an archive with a reader that is not ours, and checks what is the same for all entries. */
async function entriesOf(archive: Uint8Array): Promise<readonly ReadEntry[]> {
  const extract = tarStream.extract();
  extract.end(archive);
  const entries: ReadEntry[] = [];
  for await (const entry of extract) {
    const { name, type, mode, uid, gid, uname, gname, mtime: modified } = entry.header;
    expect({ uid, gid, uname, gname, modified }).toEqual({
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
      modified: new Date(mtime * 1000),
    });
    const bytes = Buffer.from(await collect(entry as AsyncIterable<Uint8Array>)).toString();
    entries.push({ path: name, type, mode, bytes });
  }
  return entries;
}
