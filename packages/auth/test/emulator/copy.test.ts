import { contentOf, descriptorOf, mediaType, type Repository } from '@teleport-plugins/oci';
import {
  copyGraph,
  openRegistry,
  tagOnce,
  verifyCopied,
  type RegistryOptions,
} from '@teleport-plugins/registry';
import type { Aws } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { become, keyVariables, opened } from '../../src/aws/test/person.js';
import { ecrPublicHost, ecrRegistryOf } from '../../src/ecr/hostname.js';
import { ecrCredentials } from '../../src/ecr/tokens.js';
import { account, ann, emulatedAws, region } from '../emulated.js';

const config = Buffer.from('{}');
const blob = descriptorOf(mediaType.ociEmpty, config);
const bytes = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: blob,
    layers: [blob],
  }),
);
const image = descriptorOf(mediaType.ociManifest, bytes);

test('a release to ECR and from there to ECR Public goes through whichever request finds its token run out', async () => {
  const aws = await awsWithRepositories(60);
  const tokens = () => aws.calls.ecr.length + aws.calls.ecrPublic.length;
  const release = async (number: number) => {
    const before = { tokens: tokens(), requests: aws.calls.registry.length };
    const { from, to } = await repositoriesOf(aws, `acme/app${number}`);
    await stage(from);
    await promote(from, to);
    return {
      tokens: tokens() - before.tokens,
      requests: aws.calls.registry.length - before.requests,
    };
  };

  const { requests, tokens: needed } = await release(0);
  expect(needed).toBe(2);
  for (let after = 0; after < requests; after += 1) {
    const undo = aws.misbehave({ service: 'registry', as: 'expired-token', times: 1, after });
    const { tokens: obtained, requests: sent } = await release(after + 1);
    undo();
    // Two, for HEAD: the GET that is to explain it finds nothing wrong.
    expect([2, 3], aws.calls.registry.at(after - sent)).toContain(obtained);
  }
});

test('tokens that run out all together are replaced, each once', async () => {
  const aws = await awsWithRepositories(1);
  const { from, to } = await repositoriesOf(aws, 'acme/app0');
  await stage(from);
  await to.manifests.resolve('9.3.7');
  expect([aws.calls.ecr.length, aws.calls.ecrPublic.length]).toEqual([1, 1]);
  aws.expireTokens();
  await promote(from, to);
  expect([aws.calls.ecr.length, aws.calls.ecrPublic.length]).toEqual([2, 2]);
});

/** A repository in ECR and one in ECR Public, as ann has them. */
async function repositoriesOf(aws: Aws, name: string) {
  await become({ variables: keyVariables(aws.keysOf(ann)) });
  const session = opened(aws).session({ account });
  const repositoryAt = (host: string, declared: string, known: RegistryOptions = {}) => {
    const credentials = ecrCredentials(session, ecrRegistryOf(declared)!);
    const registry = openRegistry(host, { ...known, credentials });
    onTestFinished(() => registry.close());
    return registry.repository(name, { access: 'push' });
  };
  const { host } = aws.privateRegistry(account, region);
  return {
    from: repositoryAt(host, `${account}.dkr.ecr.${region}.amazonaws.com`, {
      challenge: 'Basic realm="ecr"',
    }),
    to: repositoryAt(aws.publicRegistry.host, ecrPublicHost),
  };
}

async function stage(to: Repository): Promise<void> {
  await to.blobs.push(blob, contentOf(config));
  await to.manifests.push(image, bytes);
  expect(await tagOnce(to, image, '9.3.7')).toBe('tagged');
}

async function promote(from: Repository, to: Repository): Promise<void> {
  await copyGraph(from, to, image);
  await verifyCopied(to, image);
  expect(await tagOnce(to, image, '9.3.7')).toBe('tagged');
}

function awsWithRepositories(count: number) {
  const names = Array.from({ length: count }, (_, at) => `app${at}`);
  const limits = { putImage: 1000, initiateUpload: 1000, completeUpload: 1000 };
  return emulatedAws({
    staging: { repositories: names.map((name) => ({ name: `acme/${name}` })), limits },
    public: { registries: [{ account, alias: 'acme', repositories: names }], limits },
  });
}
