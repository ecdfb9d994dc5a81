import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { createLayout, digestOf, memoryRepository, parseManifest } from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import type { BaseImage } from './base.js';
import { buildImage } from './build-image.js';
import { amd64, arm64, memoryBase } from './test/base.js';
import { collect } from './test/collect.js';
import { gnuTar } from './test/peers.js';
import { spec } from './test/spec.js';
import { watched } from './test/watched.js';

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

test('a file that grows after the build has begun is named', async () => {
  const file = join(await temporaryDirectory(), 'bundle.mjs');
  await writeFile(file, 'text');
  const base = await memoryBase({ platforms: [amd64, arm64] });
  const { manifests } = base.repository;
  const slow: BaseImage = {
    ...base,
    repository: {
      ...base.repository,
      manifests: {
        ...manifests,
        fetch: async (manifest, options) => {
          await appendFile(file, 'more');
          return manifests.fetch(manifest, options);
        },
      },
    },
  };
  const files = [{ path: 'app/bundle.mjs', source: { file } }];
  const { repository, pushed } = watched(memoryRepository());
  await expect(buildImage({ ...spec, files }, slow, repository)).rejects.toMatchObject({
    code: 'source-changed',
    message: expect.stringContaining(`${file}: changed while it was read`) as string,
  });
  expect(pushed).toEqual([]);
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
