import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  contentOf,
  createLayout,
  descriptorOf,
  mediaType,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test, vi } from 'vitest';

import { pullManifest } from './test/content.js';
import { faultsIn } from './test/inspect.js';
import { serve } from './test/serving.js';

const run = promisify(execFile);
vi.setConfig({ testTimeout: 60_000 });

const peer = { program: 'skopeo', install: 'apt-get install skopeo' };

describeWithPeer(peer, (skopeo) => {
  test('an image of several platforms goes in and out byte for byte', async () => {
    const { host, directory } = await serve();
    const source = join(await temporaryDirectory(), 'source');
    const root = await imageOfTwoPlatforms(await createLayout(source));
    const reference = `docker://${host}/gravitational/app:v1`;
    await copy(`oci:${source}:v1`, reference, '--dest-tls-verify=false');

    const pushed = await pullManifest(host, 'gravitational/app', 'v1');
    expect(pushed.headers['docker-content-digest']).toBe(root.digest);
    expect(await faultsIn(directory)).toEqual([]);

    const target = join(await temporaryDirectory(), 'target');
    await copy(reference, `oci:${target}:v1`, '--src-tls-verify=false');
    const index = JSON.parse(await readFile(join(target, 'index.json'), 'utf8')) as {
      manifests: readonly Descriptor[];
    };
    expect(index.manifests.map(({ digest }) => digest)).toEqual([root.digest]);
    const blobs = await readdir(join(source, 'blobs', 'sha256'));
    expect((await readdir(join(target, 'blobs', 'sha256'))).toSorted()).toEqual(blobs.toSorted());
    for (const name of blobs) {
      const path = join('blobs', 'sha256', name);
      expect(await readFile(join(target, path))).toEqual(await readFile(join(source, path)));
    }
  });

  test('an image is inspected, copied within the registry, and deleted', async () => {
    const { host, directory } = await serve();
    const source = join(await temporaryDirectory(), 'source');
    const root = await imageOfTwoPlatforms(await createLayout(source));
    const [one, other] = [`docker://${host}/one:v1`, `docker://${host}/other:v1`];
    await copy(`oci:${source}:v1`, one, '--dest-tls-verify=false');
    const { stdout } = await run(skopeo, ['inspect', '--raw', '--tls-verify=false', one]);
    expect(descriptorOf(mediaType.ociIndex, Buffer.from(stdout)).digest).toBe(root.digest);
    const { stdout: tags } = await run(skopeo, [
      'list-tags',
      '--tls-verify=false',
      `docker://${host}/one`,
    ]);
    expect(JSON.parse(tags)).toMatchObject({ Tags: ['v1'] });

    await copy(one, other, '--src-tls-verify=false', '--dest-tls-verify=false');
    await run(skopeo, ['delete', '--tls-verify=false', one]);
    expect((await pullManifest(host, 'one', 'v1')).status).toBe(404);
    expect((await pullManifest(host, 'other', 'v1')).status).toBe(200);
    expect(await faultsIn(directory)).toEqual([]);
  });

  async function copy(from: string, to: string, ...flags: readonly string[]): Promise<void> {
    const policy = ['--insecure-policy', '--override-os', 'linux'];
    await run(skopeo, [...policy, 'copy', '--all', '--preserve-digests', ...flags, from, to]);
  }
});

async function imageOfTwoPlatforms(layout: Repository): Promise<Descriptor> {
  const manifests: Descriptor[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layer = await blob(layout, mediaType.ociLayerTar, new Uint8Array(1024));
    const diffId = layer.digest;
    const config = { os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: [diffId] } };
    const manifest = document(mediaType.ociManifest, {
      config: await blob(layout, mediaType.ociConfig, Buffer.from(JSON.stringify(config))),
      layers: [layer],
    });
    await layout.manifests.push(manifest.descriptor, manifest.bytes);
    manifests.push({ ...manifest.descriptor, platform: { os: 'linux', architecture } });
  }
  const index = document(mediaType.ociIndex, { manifests });
  await layout.manifests.push(index.descriptor, index.bytes);
  await layout.manifests.tag(index.descriptor, 'v1');
  return index.descriptor;
}

/** Indented, so that a client that writes it anew does not get the same bytes. */
function document(type: string, members: object) {
  const text = JSON.stringify({ schemaVersion: 2, mediaType: type, ...members }, null, 3);
  const bytes = Buffer.from(text);
  return { bytes, descriptor: descriptorOf(type, bytes) };
}

async function blob(layout: Repository, type: string, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = descriptorOf(type, bytes);
  await layout.blobs.push(descriptor, contentOf(bytes));
  return descriptor;
}
