import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { hostRuntime } from './host-runtime.js';
import { fakeNode, type Answer } from './test/fake-node.js';

test('the Node that runs here has a binary, a loader and a C library', async () => {
  const { files, version, platform } = await hostRuntime();
  expect(version).toBe(process.version);
  expect(platform.os).toBe('linux');
  expect(files[0]).toMatchObject({ path: 'usr/local/bin/node', executable: true });
  expect(files.filter((each) => each.executable)).toHaveLength(2);
  expect(files.some((each) => /libc\.so|ld-musl/.test(each.path))).toBe(true);
});

test('libraries from a folder of this machine go where the path of the folder is not told', async () => {
  const directory = await temporaryDirectory();
  const { files } = await hostRuntime({ node: await fakeNode(directory) });
  expect(files.map(({ path, executable }) => [path, executable])).toEqual([
    ['usr/local/bin/node', true],
    // The kernel takes the loader from where the binary says.
    [join(directory, 'lib/ld-linux-x86-64.so.2').slice(1), true],
    ['usr/local/lib/libc.so.6', false],
    ['usr/local/lib/libnss_dns.so.2', false],
  ]);
});

test('links are followed to the real file, under the path of the link', async () => {
  const directory = await temporaryDirectory();
  const node = await fakeNode(directory);
  const library = join(directory, 'lib/libc.so.6');
  await rm(library);
  await writeFile(join(directory, 'libc-2.36.so'), 'real');
  await symlink('../libc-2.36.so', library);
  const { files } = await hostRuntime({ node });
  expect(files.find((each) => each.path.endsWith('libc.so.6'))).toMatchObject({
    path: 'usr/local/lib/libc.so.6',
    file: join(directory, 'libc-2.36.so'),
    size: 4,
  });
});

test('a Node that is linked statically needs nothing but itself', async () => {
  const node = await fakeNode(await temporaryDirectory(), { sharedObjects: ['linux-vdso.so.1'] });
  const { files } = await hostRuntime({ node });
  expect(files.map((each) => each.path)).toEqual(['usr/local/bin/node']);
});

test.each<[Answer, object]>([
  [{ arch: 'arm64' }, { os: 'linux', architecture: 'arm64' }],
  [
    { arch: 'arm', arm: '7' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
  ],
  [{ arch: 'ppc64' }, { os: 'linux', architecture: 'ppc64le' }],
])('the platform of %j is %j', async (answer, platform) => {
  const node = await fakeNode(await temporaryDirectory(), answer);
  expect((await hostRuntime({ node })).platform).toEqual(platform);
});

describe('refused, with the advice to name a base by its digest:', () => {
  test.each<[string, Answer, string]>([
    ['another system than Linux', { platform: 'darwin' }, 'this is darwin, an image needs Linux'],
    ['an unknown architecture', { arch: 'mips' }, 'the architecture mips is unknown'],
    [
      'a library that is gone',
      { sharedObjects: ['/lib64/ld-linux.so.2', '/absent/libc.so.6'] },
      'cannot be read',
    ],
    ['no loader', { sharedObjects: ['/lib/libc.so.6'] }, 'none of them is a known dynamic loader'],
    ['parts outside of the binary', { builtins: [] }, 'to read parts of itself from /usr/share'],
  ])('%s', async (_, answer, problem) => {
    const node = await fakeNode(await temporaryDirectory(), answer);
    await expect(hostRuntime({ node })).rejects.toMatchObject({
      code: 'host-unsupported',
      message: expect.stringMatching(
        new RegExp(`${problem}.*; name a base image by its digest instead$`),
      ) as string,
    });
  });

  test('a program that is no Node', async () => {
    const node = join(await temporaryDirectory(), 'node');
    await writeFile(node, '#!/bin/sh\necho hello\n', { mode: 0o755 });
    await expect(hostRuntime({ node })).rejects.toThrow('does not tell what it loads');
  });

  test('a program that is not there', async () => {
    const node = join(await temporaryDirectory(), 'absent');
    await expect(hostRuntime({ node })).rejects.toThrow('does not tell what it loads');
  });
});
