import { contentOf, descriptorOf, readAll } from '@teleport-plugins/oci';
import { openRegistry, serveRegistry } from '@teleport-plugins/registry';
import { serveAws, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { sessionPolicy, type PolicyNeeds } from '../aws/policy.js';
import { account, admin, ann, asAdmin, become, keyVariables, opened } from '../aws/test/person.js';
import type { EcrRegistry } from './hostname.js';
import { repositoryArn } from './repository-name.js';
import { ecrCredentials } from './tokens.js';

const name = 'gravitational/teleport-plugin-email';
const region = 'us-west-2';
const staging: EcrRegistry = {
  ...{ kind: 'private', account, region, partition: 'aws', fips: false, dualStack: false },
};
const gallery: EcrRegistry = { kind: 'public' };
const [staged, published] = [staging, gallery].map((registry) =>
  repositoryArn(registry, name, account),
) as [string, string];

/** AWS with both registries, for ann in the role, with the rights that a step gives itself. */
async function annReleasing(needs: Partial<PolicyNeeds>) {
  const upstream = await serveRegistry(await temporaryDirectory());
  onTestFinished(() => upstream.close());
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann] }],
    privateRegistries: [{ account, region, upstream: upstream.host, repositories: [{ name }] }],
    publicRegistry: {
      upstream: upstream.host,
      registries: [{ account, alias: 'gravitational', repositories: ['teleport-plugin-email'] }],
    },
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  const policy = sessionPolicy({ pull: [], push: [], create: [], ...needs });
  const session = opened(emulator).session({ ...asAdmin, policy });
  const openAt = (host: string, registry: EcrRegistry, access: 'push' | 'pull') => {
    const opening = openRegistry(host, { credentials: ecrCredentials(session, registry) });
    onTestFinished(() => opening.close());
    return opening.repository(name, { access });
  };
  return {
    emulator,
    stagingAs: (access: 'push' | 'pull') =>
      openAt(emulator.privateRegistry(account, region).host, staging, access),
    galleryAs: (access: 'push' | 'pull') => openAt(emulator.publicRegistry.host, gallery, access),
  };
}

type Opened = ReturnType<Awaited<ReturnType<typeof annReleasing>>['stagingAs']>;

async function push(repository: Opened): Promise<void> {
  const config = Buffer.from('{"os":"linux"}');
  const blob = descriptorOf('application/vnd.oci.image.config.v1+json', config);
  expect(await repository.blobs.exists(blob)).toBe(false);
  await repository.blobs.push(blob, contentOf(config));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config: blob, layers: [] }),
  );
  const manifest = descriptorOf(mediaType, bytes);
  expect(await repository.manifests.resolve('9.3.7')).toBeUndefined();
  await repository.manifests.push(manifest, bytes);
  await repository.manifests.tag(manifest, '9.3.7');
}

async function pull(repository: Opened): Promise<string> {
  const manifest = await repository.manifests.resolve('9.3.7');
  const bytes = await repository.manifests.fetch(manifest!);
  const { config } = JSON.parse(Buffer.from(bytes).toString()) as {
    config: ReturnType<typeof descriptorOf>;
  };
  return Buffer.from(await readAll(repository.blobs.fetch(config), { limit: 100 })).toString();
}

test.each(['staging', 'gallery'] as const)(
  'the session policy of a push is enough to push to %s and to look at it',
  async (where) => {
    const needs = where === 'staging' ? { push: [staged] } : { push: [published] };
    const { emulator, stagingAs, galleryAs } = await annReleasing(needs);
    const repository = (where === 'staging' ? stagingAs : galleryAs)('push');
    await push(repository);
    expect(await pull(repository)).toBe('{"os":"linux"}');
    expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect([...emulator.calls.ecr, ...emulator.calls.ecrPublic]).toEqual(['GetAuthorizationToken']);
  },
);

test('the session policy of a pull is not enough to push', async () => {
  const { stagingAs } = await annReleasing({ pull: [staged] });
  await expect(push(stagingAs('push'))).rejects.toMatchObject({ code: 'denied' });
});

test('the session policy of one repository is none for another', async () => {
  const { stagingAs } = await annReleasing({ push: [`${staged}-2`] });
  await expect(push(stagingAs('push'))).rejects.toMatchObject({ code: 'denied' });
});

test('tokens that have run out in the middle are replaced', async () => {
  const { emulator, stagingAs } = await annReleasing({ push: [staged] });
  const repository = stagingAs('push');
  await push(repository);
  emulator.expireTokens();
  expect(await pull(repository)).toBe('{"os":"linux"}');
  expect(emulator.calls.ecr).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});
