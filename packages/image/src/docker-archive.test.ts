import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  digestOf,
  memoryRepository,
  withBlobsFrom,
  type Descriptor,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import tarStream from 'tar-stream';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { BaseImage } from './base.js';
import { buildImage } from './build-image.js';
import { dockerArchive } from './docker-archive.js';
import { hostBase } from './host-base.js';
import { amd64, arm64, memoryBase } from './test/base.js';
import { collect } from './test/collect.js';
import { startImageEngine } from './test/docker-engine.js';
import { docker, skopeo } from './test/peers.js';

const run = promisify(execFile);

/** Tells where and as whom it runs. */
const program = `
  const { statSync, writeFileSync } = require('node:fs');
  const { lookup } = require('node:dns/promises');
  writeFileSync('/tmp/text', 'text');
  lookup('localhost', { family: 4 }).then(({ address }) => console.log(JSON.stringify({
    uid: process.getuid(), gid: process.getgid(), cwd: process.cwd(), address,
    arguments: process.argv.slice(2), greeting: process.env.GREETING,
    version: process.version, mode: statSync(__filename).mode.toString(8),
  })));
`;

describe('the archive', () => {
  test('is these bytes', async () => {
    const image = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
    const bytes = await collect(
      dockerArchive(image.repository, image.index, arm64, 'acme/plugin:1.2.3'),
    );
    expect(digestOf(bytes)).toBe(
      'sha256:fff7b80561938384e92eb518f662df358ba5dc9777dbac8e7c18e3618a55dbc8',
    );
  });

  test('has every blob once under its digest, and two tables of contents', async () => {
    const image = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
    const files = await filesOf(image, 'plugin:1.2.3');
    const blobs = [...files].filter(([path]) => path.startsWith('blobs/'));
    expect(blobs).toHaveLength(4);
    for (const [path, bytes] of blobs) {
      expect(path).toBe(`blobs/${digestOf(bytes).replace(':', '/')}`);
    }
    expect(jsonOf(files.get('oci-layout'))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(jsonOf(files.get('manifest.json'))).toEqual([
      {
        Config: expect.stringMatching(/^blobs\/sha256\//) as string,
        RepoTags: ['plugin:1.2.3'],
        Layers: [expect.anything(), expect.anything()],
      },
    ]);
  });

  test.each([
    ['plugin:1', 'docker.io/library/plugin:1'],
    ['acme/plugin:1', 'docker.io/acme/plugin:1'],
    ['127.0.0.1:5002/acme/plugin:1', '127.0.0.1:5002/acme/plugin:1'],
    ['localhost/plugin:1', 'localhost/plugin:1'],
    ['public.ecr.aws/acme/plugin:1', 'public.ecr.aws/acme/plugin:1'],
  ])('of %s is %s to containerd', async (name, fullName) => {
    const image = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
    const files = await filesOf(image, name);
    expect(jsonOf(files.get('index.json'))).toMatchObject({
      manifests: [
        {
          annotations: {
            'io.containerd.image.name': fullName,
            'org.opencontainers.image.ref.name': '1',
          },
        },
      ],
    });
  });

  test('is not made for a platform that the image is not for', async () => {
    const image = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
    const s390x = { os: 'linux', architecture: 's390x' };
    await expect(filesOf(image, 'plugin:1', s390x)).rejects.toMatchObject({
      code: 'platform-missing',
      message: expect.stringContaining('only for linux/arm64, linux/amd64') as string,
    });
  });

  test.each(['plugin', 'Plugin:1', 'plugin:1@sha256:' + '0'.repeat(64), '', ':1'])(
    'is not made with the name %j',
    async (name) => {
      const image = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
      await expect(filesOf(image, name)).rejects.toThrow();
    },
  );

  test('breaks off with an error when a blob is missing', async () => {
    const { index, repository } = await imageOn(await memoryBase({ platforms: [amd64, arm64] }));
    const incomplete = { ...repository, blobs: memoryRepository().blobs };
    await expect(filesOf({ index, repository: incomplete }, 'plugin:1')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describeWithPeer(skopeo, (path) => {
  test('skopeo, and so Podman, reads both tables of contents', async () => {
    const directory = await temporaryDirectory();
    const archive = join(directory, 'image.tar');
    const image = await imageOn(await hostBase(join(directory, 'cache')));
    await writeFile(archive, dockerArchive(image.repository, image.index, image.platform, 'a/b:1'));

    const { stdout: list } = await run(path, ['list-tags', `docker-archive:${archive}`]);
    expect(list).toContain('"a/b:1"');
    for (const source of [`docker-archive:${archive}`, `oci-archive:${archive}:1`]) {
      await run(path, ['copy', source, `dir:${join(directory, 'copy')}`]);
    }
  });
});

describeWithPeer(docker, (dockerd) => {
  const asRoot = process.getuid?.() === 0 || process.env.CI !== undefined;

  test.skipIf(!asRoot)(
    'the Docker engine loads the image and runs it (needs root)',
    async () => {
      const directory = await temporaryDirectory();
      const image = await imageOn(await hostBase(join(directory, 'cache')));
      const engine = await startImageEngine(dockerd);
      onTestFinished(() => engine.stop());

      const archive = dockerArchive(image.repository, image.index, image.platform, 'a/b:1');
      expect(await engine.load(archive)).toBe('Loaded image: a/b:1\n');
      const sandbox = ['--rm', '--network=none', '--read-only', '--tmpfs=/tmp'];
      expect(JSON.parse(await engine.docker('run', ...sandbox, 'a/b:1'))).toEqual({
        uid: 65532,
        gid: 65532,
        cwd: '/app',
        address: '127.0.0.1',
        arguments: ['one', 'two'],
        greeting: 'hello',
        version: process.version,
        mode: '100644',
      });

      const file = join(directory, 'image.tar');
      await writeFile(file, dockerArchive(image.repository, image.index, image.platform, 'a/b:1'));
      expect(await engine.importIntoContainerd(file)).toContain('docker.io/a/b:1');
    },
    120_000,
  );
});

interface Image {
  readonly index: Descriptor;
  readonly repository: Repository;
}

/** A small image on a base, for those of its platforms that a test needs, in one repository with it. */
async function imageOn(base: BaseImage): Promise<Image & { readonly platform: Platform }> {
  const layout = memoryRepository();
  const spec = {
    platforms: [arm64, amd64],
    files: [{ path: 'app/main.cjs', source: { bytes: Buffer.from(program) } }],
    entrypoint: ['node', '/app/main.cjs'],
    cmd: ['one', 'two'],
    env: { GREETING: 'hello' },
    workdir: '/app',
    created: new Date(Date.UTC(2026, 10, 24)),
  };
  const { index, platforms } = await buildImage(spec, base, layout);
  const repository = withBlobsFrom(layout, base.repository.blobs);
  return { index, repository, platform: platforms[0]!.platform };
}

async function filesOf(
  { repository, index }: Image,
  name: string,
  platform: Platform = amd64,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const extract = tarStream.extract();
  extract.end(await collect(dockerArchive(repository, index, platform, name)));
  const files = new Map<string, Uint8Array>();
  for await (const entry of extract) {
    expect(files.has(entry.header.name)).toBe(false);
    files.set(entry.header.name, await collect(entry as AsyncIterable<Uint8Array>));
  }
  return files;
}

function jsonOf(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(bytes ?? []).toString());
}
