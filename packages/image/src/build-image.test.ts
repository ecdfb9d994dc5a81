import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';

import {
  createLayout,
  digestOf,
  memoryRepository,
  parseManifest,
  type Descriptor,
} from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { hostBaseReference } from './base.js';
import { buildImage } from './build-image.js';
import type { ImageSpec } from './spec.js';
import { amd64, arm64, memoryBase, memoryManifestBase } from './test/base.js';
import { collect } from './test/collect.js';
import { gnuTar } from './test/peers.js';
import { watched } from './test/watched.js';

const spec: ImageSpec = {
  platforms: [amd64, arm64],
  files: [
    { path: 'app/main.mjs', source: { bytes: Buffer.from('console.log("hello");\n') } },
    { path: 'app/run', source: { bytes: Buffer.from('#!/bin/sh\n') }, executable: true },
  ],
  entrypoint: ['/usr/local/bin/node', '/app/main.mjs'],
  cmd: ['--config', '/etc/plugin.toml'],
  env: { NODE_ENV: 'production', NODE_VERSION: 'ours' },
  workdir: '/app',
  labels: { 'org.opencontainers.image.title': 'Plugin' },
  exposedPorts: [8080],
  annotations: {
    'org.opencontainers.image.source': 'https://github.com/example/plugins',
    'org.opencontainers.image.version': '1.2.3',
  },
  created: new Date('2026-11-24T03:00:00.999Z'),
};

test('the same input gives these digests, on every machine and Node version', async () => {
  const layout = memoryRepository();
  const built = await buildImage(spec, await memoryBase({ platforms: [amd64, arm64] }), layout);
  expect({
    layer: built.platforms[0]?.layers.at(-1)?.digest,
    configs: built.platforms.map((each) => each.config.digest),
    manifests: built.platforms.map((each) => each.manifest.digest),
    index: built.index.digest,
  }).toEqual({
    layer: 'sha256:4dabe767dfe1103336c4eb1541389bc361d31e489484cec0c6d2f09ebb0be404',
    configs: [
      'sha256:89fed29694959f449a498bb0bed415eb09fb388540673e838d361d2113debd11',
      'sha256:23728baec095aa793965f098f49c344ed568efc1df68228d87de51aaa708f8cf',
    ],
    manifests: [
      'sha256:6b7968d379452a189937bd4b0841068fe9216c4d98d71694ad35c6746fdf867d',
      'sha256:a69700b2bd46e0be9fe6007608e3075f76496b24c9bd0ff138e09fe94562c82e',
    ],
    index: 'sha256:242aa9db541b79a87d923fd0cdf706b82e44e3e988985f9a14cc9c1c86762c5e',
  });
});

test('the config is built on that of the base', async () => {
  const layout = memoryRepository();
  const base = await memoryBase({ platforms: [amd64] });
  const built = await buildImage({ ...spec, platforms: [amd64] }, base, layout);
  const [platform] = built.platforms;
  const config = JSON.parse(await text(layout.blobs.fetch(platform!.config))) as object;
  const layer = gunzipSync(await collect(layout.blobs.fetch(platform!.layers[1]!)));
  const baseManifest = parseManifest(base.index, await base.repository.manifests.fetch(base.index));
  expect(config).toEqual({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-11-24T03:00:00Z',
    config: {
      User: '65532:65532',
      Entrypoint: ['/usr/local/bin/node', '/app/main.mjs'],
      Cmd: ['--config', '/etc/plugin.toml'],
      Env: ['PATH=/usr/local/bin:/usr/bin', 'NODE_VERSION=ours', 'NODE_ENV=production'],
      WorkingDir: '/app',
      ExposedPorts: { '8080/tcp': {} },
      Volumes: { '/data': {} },
      Labels: {
        vendor: 'example',
        'org.opencontainers.image.title': 'Plugin',
        'org.opencontainers.image.base.name': 'registry.example/node:20',
        'org.opencontainers.image.base.digest':
          baseManifest.kind === 'index' ? baseManifest.manifests[0]?.digest : '',
      },
    },
    rootfs: {
      type: 'layers',
      diff_ids: [expect.stringMatching(/^sha256:/) as string, digestOf(layer)],
    },
    history: [
      { created_by: 'base' },
      { created: '2026-11-24T03:00:00Z', created_by: '@teleport-plugins/image' },
    ],
  });
});

test('the index and the manifests carry the annotations and name the base', async () => {
  const layout = memoryRepository();
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const built = await buildImage(spec, base, layout);
  const own = {
    ...spec.annotations,
    'org.opencontainers.image.created': '2026-11-24T03:00:00Z',
    'org.opencontainers.image.base.name': 'registry.example/node:20',
  };
  const index = parseManifest(built.index, await layout.manifests.fetch(built.index));
  expect(index).toMatchObject({
    kind: 'index',
    annotations: { ...own, 'org.opencontainers.image.base.digest': base.index.digest },
    manifests: built.platforms.map(({ platform, manifest }) => ({ ...manifest, platform })),
  });
  const [, second] = built.platforms;
  const manifest = parseManifest(second!.manifest, await layout.manifests.fetch(second!.manifest));
  expect(manifest).toMatchObject({ kind: 'image', annotations: own, layers: second?.layers });
});

test('the layer of the files is shared by all platforms, those of the base are not copied', async () => {
  const { repository, pushed } = watched(memoryRepository());
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const built = await buildImage(spec, base, repository);
  const [first, second] = built.platforms;
  expect(first?.layers[1]).toEqual(second?.layers[1]);
  expect(first?.layers[0]).not.toEqual(second?.layers[0]);
  expect(pushed).toEqual([
    first?.layers[1]?.digest,
    first?.config.digest,
    first?.manifest.digest,
    second?.config.digest,
    second?.manifest.digest,
    built.index.digest,
  ]);
});

test('building again writes nothing and gives the same', async () => {
  const layout = memoryRepository();
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const first = await buildImage(spec, base, layout);
  const { repository, pushed } = watched(layout);
  expect(await buildImage(spec, base, repository)).toEqual(first);
  expect(pushed).toEqual([]);
});

test('a build that fails at any write is completed by the next one', async () => {
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const whole = watched(memoryRepository());
  const expected = await buildImage(spec, base, whole.repository);
  for (let fatal = 0; fatal < whole.pushed.length; fatal++) {
    const layout = memoryRepository();
    const broken = watched(layout, (count) => {
      if (count === fatal) throw new Error('killed');
    });
    await expect(buildImage(spec, base, broken.repository)).rejects.toThrow('killed');
    expect(await layout.manifests.resolve(expected.index.digest)).toBeUndefined();

    const again = watched(layout);
    expect(await buildImage(spec, base, again.repository)).toEqual(expected);
    expect(again.pushed).toEqual(whole.pushed.slice(fatal));
  }
});

describe('the base', () => {
  test('may be of Docker types, and the image is still an OCI one', async () => {
    const base = await memoryBase({ platforms: [amd64], family: 'docker' });
    const layout = memoryRepository();
    const built = await buildImage({ ...spec, platforms: [amd64] }, base, layout);
    const [platform] = built.platforms;
    expect(platform?.layers.map((layer) => layer.mediaType)).toEqual([
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.oci.image.layer.v1.tar+gzip',
    ]);
    expect(platform?.manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  });

  test('may be a single manifest', async () => {
    const base = await memoryManifestBase({ platforms: [arm64] });
    const built = await buildImage({ ...spec, platforms: [arm64] }, base, memoryRepository());
    expect(built.platforms.map((each) => each.platform)).toEqual([arm64]);
  });

  test('for arm64/v8 is one for arm64', async () => {
    const base = await memoryBase({ platforms: [{ ...arm64, variant: 'v8' }] });
    const built = await buildImage({ ...spec, platforms: [arm64] }, base, memoryRepository());
    expect(built.platforms).toHaveLength(1);
  });

  test('that lacks a platform is an error that names those it has, and nothing is written', async () => {
    const base = await memoryBase({ platforms: [amd64, { os: 'linux', architecture: 's390x' }] });
    const { repository, pushed } = watched(memoryRepository());
    await expect(buildImage(spec, base, repository)).rejects.toMatchObject({
      code: 'platform-missing',
      message: expect.stringContaining(
        'is not there for linux/arm64, only for linux/amd64, linux/s390x',
      ) as string,
    });
    expect(pushed).toEqual([]);
  });

  test('of the host is for one platform, and the others are reported', async () => {
    const base = { ...(await memoryBase({ platforms: [amd64] })), reference: hostBaseReference };
    const built = await buildImage(spec, base, memoryRepository());
    expect(built.platforms.map((each) => each.platform)).toEqual([amd64]);
    expect(built.omitted).toEqual([arm64]);
    await expect(
      buildImage({ ...spec, platforms: [arm64] }, base, memoryRepository()),
    ).rejects.toMatchObject({ code: 'platform-missing' });
  });

  test('is not looked for among the attestations', async () => {
    const attestation: Descriptor = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digestOf(Buffer.from('attestation')),
      size: 11,
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const base = await memoryBase({ platforms: [amd64], others: [attestation] });
    await expect(buildImage(spec, base, memoryRepository())).rejects.toThrow(
      'only for linux/amd64;',
    );
  });

  test.each([
    [
      'a config for another platform',
      { config: { architecture: 'arm' } },
      'its config says linux/arm',
    ],
    ['no diff_ids', { config: { rootfs: {} } }, 'rootfs.diff_ids: expected a list'],
    ['too few diff_ids', { config: { rootfs: { diff_ids: [] } } }, '1 layers, but 0 diff_ids'],
    [
      'an Env that is no list',
      { config: { config: { Env: 'A=b' } } },
      'config.Env: expected a list',
    ],
    ['a wrong digest', { config: { rootfs: { diff_ids: ['x'] } } }, '"x" is not a digest'],
    [
      'a layer that cannot be distributed',
      { layerType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
      'cannot be distributed',
    ],
  ])('with %s is refused', async (_, shape, problem) => {
    const base = await memoryBase({ platforms: [amd64], ...shape });
    await expect(
      buildImage({ ...spec, platforms: [amd64] }, base, memoryRepository()),
    ).rejects.toMatchObject({
      code: 'base-invalid',
      message: expect.stringContaining(problem) as string,
    });
  });
});

describe('refused before anything is written:', () => {
  test.each<[string, Partial<ImageSpec>, string, string]>([
    ['user root', { user: 'root' }, 'user-root', 'user root is root'],
    ['user root with a group', { user: 'root:root' }, 'user-root', 'is root'],
    ['user 0', { user: '0' }, 'user-root', 'user 0 is root'],
    ['user 000:1', { user: '000:1' }, 'user-root', 'is root'],
    ['a user by name', { user: 'nobody' }, 'spec-invalid', 'expected numbers like 65532:65532'],
    ['an empty user', { user: '' }, 'spec-invalid', 'expected numbers'],
    ['no platform', { platforms: [] }, 'spec-invalid', 'platforms: expected at least one'],
    [
      'a platform twice',
      { platforms: [arm64, { ...arm64, variant: 'v8' }] },
      'spec-invalid',
      'twice',
    ],
    ['no entrypoint', { entrypoint: [] }, 'spec-invalid', 'entrypoint: expected a program'],
    ['an empty entrypoint', { entrypoint: [''] }, 'spec-invalid', 'entrypoint: expected a program'],
    ['NUL in cmd', { cmd: ['a\0'] }, 'spec-invalid', 'cmd: has a NUL'],
    ['= in a name', { env: { 'A=B': 'c' } }, 'spec-invalid', '"A=B" is no variable name'],
    ['an empty name', { env: { '': 'c' } }, 'spec-invalid', 'is no variable name'],
    ['a relative workdir', { workdir: 'app' }, 'spec-invalid', 'workdir: expected an absolute'],
    ['port 0', { exposedPorts: [0] }, 'spec-invalid', 'exposedPorts: expected a number'],
    ['port 1.5', { exposedPorts: [1.5] }, 'spec-invalid', 'exposedPorts'],
    ['an invalid date', { created: new Date(Number.NaN) }, 'spec-invalid', 'created'],
    ['a date before 1970', { created: new Date(-1) }, 'spec-invalid', 'created'],
    [
      'a file in /bin',
      { files: [{ path: 'bin/x', source: { bytes: Buffer.from('') } }] },
      'path-invalid',
      '/bin belongs to the base',
    ],
  ])('%s', async (_, change, code, message) => {
    const { repository, pushed } = watched(memoryRepository());
    const base = await memoryBase({ platforms: [amd64, arm64] });
    await expect(buildImage({ ...spec, ...change }, base, repository)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    expect(pushed).toEqual([]);
  });
});

test('nothing stays in the scratch folder, also when writing fails', async () => {
  const scratchDirectory = await temporaryDirectory();
  const base = await memoryBase({ platforms: [amd64, arm64] });
  await buildImage(spec, base, memoryRepository(), { scratchDirectory });
  const broken = watched(memoryRepository(), () => {
    throw new Error('killed');
  });
  await expect(buildImage(spec, base, broken.repository, { scratchDirectory })).rejects.toThrow();
  expect(await readdir(scratchDirectory)).toEqual([]);
});

test('a scratch folder that cannot be written is named', async () => {
  const scratchDirectory = join(await temporaryDirectory(), 'absent');
  const base = await memoryBase({ platforms: [amd64, arm64] });
  await expect(
    buildImage(spec, base, memoryRepository(), { scratchDirectory }),
  ).rejects.toMatchObject({ code: 'scratch-unwritable' });
});

test('an aborted build stops', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, 'text');
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const build = buildImage(spec, base, memoryRepository(), { signal: controller.signal });
  await expect(build).rejects.toThrow('enough');
});

describeWithPeer(gnuTar, (tar) => {
  test('GNU tar unpacks the layer of an image layout into the files', async () => {
    const directory = await temporaryDirectory();
    const source = join(directory, 'bundle.mjs');
    await writeFile(source, 'from a file');
    const files = [...spec.files, { path: 'app/lib/bundle.mjs', source: { file: source } }];
    const layout = await createLayout(join(directory, 'image'));
    const base = await memoryBase({ platforms: [amd64, arm64] });
    const { platforms } = await buildImage({ ...spec, files }, base, layout);

    const layer = platforms[0]!.layers.at(-1)!.digest.replace(':', '/');
    const root = join(directory, 'root');
    await mkdir(root);
    const blob = join(directory, 'image/blobs', layer);
    execFileSync(tar, ['-xzpf', blob, '-C', root, '--no-same-owner']);
    const found = await readdir(root, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      found.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const { mode, mtime } = await stat(path);
        return [relative(root, path), mode.toString(8), mtime.toISOString()];
      }),
    );
    const created = '2026-11-24T03:00:00.000Z';
    expect(modes.sort()).toEqual([
      ['app', '40755', created],
      ['app/lib', '40755', created],
      ['app/lib/bundle.mjs', '100644', created],
      ['app/main.mjs', '100644', created],
      ['app/run', '100755', created],
    ]);
    expect(await readFile(join(root, 'app/lib/bundle.mjs'), 'utf8')).toBe('from a file');
  });
});

async function text(content: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.from(await collect(content)).toString();
}
