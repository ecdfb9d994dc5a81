import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { parseManifest, type Descriptor, type ImageManifest } from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { hostBaseReference, type BaseImage } from './base.js';
import { hostBase, hostBaseKey } from './host-base.js';
import { collect } from './test/collect.js';
import { damage } from './test/damage.js';
import { fakeNode } from './test/fake-node.js';
import { chroot, gnuTar } from './test/peers.js';

test('the bytes are the same in any folder, for any user mask and time zone', async () => {
  const node = await fakeNode(await temporaryDirectory(), { sharedObjects: [] });
  const first = await hostBase(await temporaryDirectory(), { node });
  const mask = process.umask(0o077);
  const zone = process.env.TZ;
  process.env.TZ = 'Pacific/Chatham';
  try {
    const second = await hostBase(join(await temporaryDirectory(), 'new', 'folder'), { node });
    expect(second.index).toEqual(first.index);
  } finally {
    process.umask(mask);
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test('it says what it is', async () => {
  const node = await fakeNode(await temporaryDirectory());
  const base = await hostBase(await temporaryDirectory(), { node });
  expect(base.reference).toBe(hostBaseReference);
  const index = parseManifest(base.index, await base.repository.manifests.fetch(base.index));
  const annotation = { 'org.opencontainers.image.base.name': 'host' };
  expect(index.annotations).toMatchObject(annotation);
  const { manifest, config } = await only(base);
  expect(manifest.annotations).toMatchObject(annotation);
  expect(config).toMatchObject({
    created: '1970-01-01T00:00:00Z',
    os: 'linux',
    architecture: 'amd64',
    config: {
      User: '65532:65532',
      Entrypoint: ['/usr/local/bin/node'],
      Env: [
        'LD_LIBRARY_PATH=/usr/local/lib',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ],
      Labels: annotation,
    },
  });
});

describe('the cache', () => {
  test('is used as long as the files have the same size and time', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const first = await hostBase(cache, { node });
    const blob = await layerFile(cache, first);
    const { ino } = await stat(blob);
    expect(await hostBase(cache, { node })).toMatchObject({ index: first.index });
    expect((await stat(blob)).ino).toBe(ino);
    expect(await notes(cache)).toHaveLength(1);
  });

  test('is not used when one of them has changed', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const first = await hostBase(cache, { node });
    await writeFile(node, `${await readFile(node, 'utf8')}\n# newer\n`);
    expect((await hostBase(cache, { node })).index).not.toEqual(first.index);
    await utimes(node, 1, 1);
    await hostBase(cache, { node });
    expect(await notes(cache)).toHaveLength(3);
  });

  test('that has lost its layer, or whose note is broken, is filled again', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const first = await hostBase(cache, { node });
    const blob = await layerFile(cache, first);
    const bytes = await readFile(blob);

    await rm(blob);
    expect((await hostBase(cache, { node })).index).toEqual(first.index);
    expect(await readFile(blob)).toEqual(bytes);

    const [note = ''] = await notes(cache);
    await writeFile(join(cache, note), '{"mediaType"');
    expect((await hostBase(cache, { node })).index).toEqual(first.index);
  });

  test('whose layer has become another drops it and says so, and is filled again', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const first = await hostBase(cache, { node });
    const { manifest } = await only(first);
    const [layer] = manifest.layers as [Descriptor];
    await damage(cache, layer.digest);
    await expect(collect(first.repository.blobs.fetch(layer))).rejects.toMatchObject({
      code: 'base-damaged',
      message: expect.stringContaining(join(cache, 'layout')) as unknown,
    });
    const again = await hostBase(cache, { node });
    expect(again.index).toEqual(first.index);
    expect(await collect(again.repository.blobs.fetch(layer))).toHaveLength(layer.size);
  });

  test('whose manifests have become others is filled again at once', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const first = await hostBase(cache, { node });
    await damage(cache, first.index.digest);
    const again = await hostBase(cache, { node });
    expect(again.index).toEqual(first.index);
    expect(await only(again)).toBeDefined();
  });

  test('may be filled by several at once', async () => {
    const node = await fakeNode(await temporaryDirectory());
    const cache = await temporaryDirectory();
    const bases = await Promise.all(Array.from({ length: 4 }, () => hostBase(cache, { node })));
    expect(new Set(bases.map((base) => base.index.digest)).size).toBe(1);
    expect((await readdir(cache)).sort()).toEqual([...(await notes(cache)), 'layout']);
  });
});

test('the key names every file with its size and time', async () => {
  const node = await fakeNode(await temporaryDirectory());
  await utimes(node, 1000, 1000);
  const lines = (await hostBaseKey({ node })).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'host base, form 1',
    'node v20.0.0',
    `usr/local/bin/node ${node} ${(await stat(node)).size} 1000000`,
  ]);
  expect(lines).toHaveLength(7);
});

describeWithPeer(gnuTar, (tar) => {
  describeWithPeer(chroot, (program) => {
    const asRoot = process.getuid?.() === 0 || process.env.CI !== undefined;

    test.skipIf(!asRoot)(
      'its Node runs in it and resolves names (needs root)',
      async () => {
        const root = join(await temporaryDirectory(), 'root');
        await mkdir(root, { mode: 0o755 });
        const base = await hostBase(join(await temporaryDirectory(), 'cache'));
        const { manifest } = await only(base);
        const archive = join(await temporaryDirectory(), 'layer.tar');
        await pipeline(
          base.repository.blobs.fetch(manifest.layers[0]!),
          createWriteStream(archive),
        );
        execFileSync(tar, ['-xpf', archive, '-C', root]);

        const script = `
        const { lookup } = require('node:dns/promises');
        const { statSync, writeFileSync } = require('node:fs');
        writeFileSync('/tmp/text', 'text');
        lookup('localhost', { family: 4 }).then(({ address }) => console.log(JSON.stringify({
          address, version: process.version, uid: process.getuid(),
          tmp: statSync('/tmp').mode.toString(8), user: require('node:os').userInfo().username,
        })));`;
        const words = ['--userspec=65532:65532', root, '/usr/local/bin/node', '--eval', script];
        const answer = execFileSync(program, words, { env: {}, encoding: 'utf8' });
        expect(JSON.parse(answer)).toEqual({
          address: '127.0.0.1',
          version: process.version,
          uid: 65532,
          tmp: '41777',
          user: 'nonroot',
        });
      },
      60_000,
    );
  });
});

async function only(base: BaseImage): Promise<{ manifest: ImageManifest; config: unknown }> {
  const { manifests, blobs } = base.repository;
  const index = parseManifest(base.index, await manifests.fetch(base.index));
  if (index.kind !== 'index') throw new Error('expected an index');
  const [descriptor] = index.manifests as [Descriptor];
  const manifest = parseManifest(descriptor, await manifests.fetch(descriptor));
  if (manifest.kind !== 'image') throw new Error('expected an image');
  const config: unknown = JSON.parse(
    Buffer.from(await collect(blobs.fetch(manifest.config))).toString(),
  );
  return { manifest, config };
}

async function layerFile(cache: string, base: BaseImage): Promise<string> {
  const { manifest } = await only(base);
  return join(cache, 'layout/blobs', manifest.layers[0]!.digest.replace(':', '/'));
}

async function notes(cache: string): Promise<readonly string[]> {
  return (await readdir(cache)).filter((name) => name.startsWith('host-'));
}
