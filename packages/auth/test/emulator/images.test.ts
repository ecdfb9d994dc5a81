import {
  BatchCheckLayerAvailabilityCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
} from '@aws-sdk/client-ecr';
import {
  DescribeImagesCommand as DescribePublicImages,
  ECRPUBLICClient,
} from '@aws-sdk/client-ecr-public';
import type { Aws } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { account, ann, emulatedAws, region } from '../emulated.js';
import { asking, basic, digestOf, manifest, pushBlob, putManifest } from './asking.js';

const repositoryName = 'acme/app';

test('AWS’s own library finds in ECR what was pushed to its registry', async () => {
  const aws = await emulatedAws();
  const password = aws.registryPassword(aws.keysOf(ann), { region });
  const ask = asking(aws.privateRegistry(account, region).host, basic(password));
  await pushBlob(ask, repositoryName, '{}');
  const digest = digestOf(manifest());
  for (const reference of ['1', '1.0']) {
    await putManifest(ask, repositoryName, reference, manifest());
  }
  const untagged = manifest({ other: 'yes' });
  await putManifest(ask, repositoryName, digestOf(untagged), untagged);

  const ecr = clientOf(aws);
  const all = await ecr.send(new DescribeImagesCommand({ repositoryName }));
  expect(all.imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ['1', '1.0'] }]);
  const imageIds = [{ imageTag: '1' }, { imageDigest: digestOf(untagged) }];
  const some = await ecr.send(new DescribeImagesCommand({ repositoryName, imageIds }));
  expect(some.imageDetails).toMatchObject([
    { imageDigest: digest, imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json' },
    { imageDigest: digestOf(untagged), registryId: account },
  ]);
  const listed = await ecr.send(new ListImagesCommand({ repositoryName }));
  expect(listed.imageIds).toEqual(
    ['1', '1.0'].map((imageTag) => ({ imageDigest: digest, imageTag })),
  );

  const layerDigests = [digestOf('{}'), digestOf('none')];
  const layers = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }),
  );
  expect(layers.layers).toMatchObject([{ layerAvailability: 'AVAILABLE', layerSize: 2 }]);
  expect(layers.failures).toMatchObject([{ layerDigest: digestOf('none') }]);
});

test('AWS’s own library is told of images that are not there', async () => {
  const aws = await emulatedAws();
  const imageIds = [{ imageTag: '9' }];
  const message = (name: string) =>
    `The image with imageId {imageDigest:'null', imageTag:'9'} does not exist within the repository with name '${name}' in the registry with id '${account}'`;
  await expect(
    clientOf(aws).send(new DescribeImagesCommand({ repositoryName, imageIds })),
  ).rejects.toMatchObject({ name: 'ImageNotFoundException', message: message(repositoryName) });
  const ecrPublic = new ECRPUBLICClient(configurationOf(aws, 'us-east-1'));
  onTestFinished(() => ecrPublic.destroy());
  await expect(
    ecrPublic.send(new DescribePublicImages({ repositoryName: 'app', imageIds })),
  ).rejects.toMatchObject({ name: 'ImageNotFoundException', message: message('app') });
});

test('AWS’s own library sets its clock by the emulator’s, and then has what it wants', async () => {
  const now = () => new Date(Date.now() + 3_600_000);
  const aws = await emulatedAws({ now });
  const { authorizationData } = await clientOf(aws).send(new GetAuthorizationTokenCommand({}));
  expect(authorizationData?.[0]?.expiresAt?.getTime()).toBeGreaterThan(now().getTime());
  expect(aws.calls.all.map(({ outcome }) => outcome)).toEqual([
    'InvalidSignatureException',
    'succeeded',
  ]);
});

function clientOf(aws: Aws): ECRClient {
  const client = new ECRClient(configurationOf(aws, region));
  onTestFinished(() => client.destroy());
  return client;
}

function configurationOf(aws: Aws, where: string) {
  return { endpoint: aws.endpoint, region: where, credentials: aws.keysOf(ann) };
}
