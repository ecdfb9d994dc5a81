import { digestOf, memoryRepository, type Descriptor } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { hostBaseReference } from './base.js';
import { buildImage } from './build-image.js';
import { amd64, arm64, memoryBase, memoryManifestBase } from './test/base.js';
import { spec } from './test/spec.js';
import { watched } from './test/watched.js';

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
