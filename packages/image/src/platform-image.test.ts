import { descriptorOf, mediaType, parseManifest } from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import { platformImage } from './platform-image.js';
import { amd64, arm64, memoryBase } from './test/base.js';

test('the image for a platform is the one that the index lists for it', async () => {
  const { repository, index } = await memoryBase({ platforms: [amd64, arm64] });
  const found = await platformImage(repository, index, { ...arm64, variant: 'v8' });
  expect(found.descriptor.platform).toEqual(arm64);
  expect(found.manifest).toEqual(parseManifest(found.descriptor, found.bytes));
});

test('a root that is an image is that image', async () => {
  const { repository, index } = await memoryBase({ platforms: [amd64] });
  const { descriptor } = await platformImage(repository, index, amd64);
  expect((await platformImage(repository, descriptor, arm64)).descriptor).toEqual(descriptor);
});

test('a platform that is missing is told, with those that there are', async () => {
  const { repository, index } = await memoryBase({ platforms: [amd64, arm64] });
  const s390x = { os: 'linux', architecture: 's390x' };
  await expect(platformImage(repository, index, s390x)).rejects.toMatchObject({
    code: 'platform-missing',
    message: `image ${index.digest} is not there for linux/s390x, only for linux/amd64, linux/arm64`,
  });
});

test('an index without platforms has none', async () => {
  const { repository } = await memoryBase({ platforms: [amd64] });
  const document = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] };
  const bytes = Buffer.from(JSON.stringify(document));
  const index = descriptorOf(mediaType.ociIndex, bytes);
  await repository.manifests.push(index, bytes);
  await expect(platformImage(repository, index, amd64)).rejects.toThrow(
    `image ${index.digest} is not there for linux/amd64, it names no platforms`,
  );
});
