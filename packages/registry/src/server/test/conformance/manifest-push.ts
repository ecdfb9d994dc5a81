import { expect } from 'vitest';

import { mediaType } from '@teleport-plugins/oci';

import { image, piece, pullManifest, pushBlob, pushImage, pushManifest } from '../content.js';
import type { Check } from './check.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
export function manifestPushTests(check: Check): void {
  check('a manifest is pushed by digest and by tag', async ({ host, repository }) => {
    const pushed = image('pushed');
    for (const reference of ['v1', undefined, 'V1', '_0.-', 'x'.repeat(128)]) {
      const reply = await pushImage(host, repository, pushed, reference);
      expect(reply.status).toBe(201);
      expect(reply.headers['docker-content-digest']).toBe(pushed.manifest.descriptor.digest);
      const got = await pullManifest(host, repository, reference ?? 'v1');
      expect(got.body).toEqual(pushed.manifest.bytes);
    }
  });

  check('a tag is moved by a push', async ({ host, repository }) => {
    await pushImage(host, repository, image('first'), 'moving');
    const second = image('second');
    await pushImage(host, repository, second, 'moving');
    const head = await pullManifest(host, repository, 'moving', 'HEAD');
    expect(head.headers['docker-content-digest']).toBe(second.manifest.descriptor.digest);
  });

  check(
    'with If-None-Match: * a tag is made, or confirmed, but not moved',
    async ({ host, repository }) => {
      const first = image('first');
      const second = image('second');
      const exclusive = { 'if-none-match': '*' };
      for (const each of [first, second]) await pushImage(host, repository, each);
      const push = (manifest: typeof first.manifest) =>
        pushManifest(host, repository, manifest, 'v1', exclusive);
      expect((await push(first.manifest)).status).toBe(201);
      expect((await push(first.manifest)).status).toBe(201);
      const refused = await push(second.manifest);
      expect(refused.status).toBe(412);
      expect(refused.body.toString()).toContain(first.manifest.descriptor.digest);
      expect(refused.body.toString()).toContain(second.manifest.descriptor.digest);
      const got = await pullManifest(host, repository, 'v1');
      expect(got.body).toEqual(first.manifest.bytes);
    },
    'exclusive-tags',
  );

  check('an image without layers, and one of Docker, are accepted', async (subject) => {
    const { host, repository } = subject;
    const { config, layers } = image('plain');
    for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
    const bare = { schemaVersion: 2, config: config.descriptor, layers: [] };
    const docker = {
      schemaVersion: 2,
      mediaType: mediaType.dockerManifest,
      config: { ...config.descriptor, mediaType: mediaType.dockerConfig },
      layers: layers.map(({ descriptor }) => ({
        ...descriptor,
        mediaType: mediaType.dockerLayerGzip,
      })),
    };
    for (const manifest of [
      piece(mediaType.ociManifest, JSON.stringify({ ...bare, mediaType: mediaType.ociManifest })),
      piece(mediaType.ociManifest, JSON.stringify(bare)),
      piece(mediaType.dockerManifest, JSON.stringify(docker)),
    ]) {
      expect((await pushManifest(host, repository, manifest, 'some')).status).toBe(201);
      const got = await pullManifest(host, repository, 'some');
      expect(got.headers['content-type']).toBe(manifest.descriptor.mediaType);
    }
  });

  check(
    'layers that are not distributed need not be there',
    async ({ host, repository }) => {
      const { config, layers } = image('foreign');
      await pushBlob(host, repository, config);
      const manifest = piece(
        mediaType.ociManifest,
        JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaType.ociManifest,
          config: config.descriptor,
          layers: [
            {
              ...layers[0]!.descriptor,
              mediaType: mediaType.ociNondistributableTar,
              urls: ['https://example.com/layer'],
            },
          ],
        }),
      );
      expect((await pushManifest(host, repository, manifest)).status).toBe(201);
    },
    'nondistributable-layers',
  );
}
