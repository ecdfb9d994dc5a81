import { serveAws, type AwsOptions as EmulatorOptions } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { sessionPolicy } from '../aws/policy.js';
import { refusalOf } from '../aws/test/failure-of.js';
import {
  account,
  admin,
  adminSession,
  ann,
  asAdmin,
  become,
  keyVariables,
  opened,
} from '../aws/test/person.js';
import { ecrRegistryOf, type EcrRegistry } from './hostname.js';
import { ecrRepositories } from './repositories.js';
import { repositoryArn } from './repository-name.js';

const staging = ecrRegistryOf(`${account}.dkr.ecr.us-west-2.amazonaws.com`)!;
const gallery: EcrRegistry = { kind: 'public' };
const name = 'gravitational/teleport-plugin-email';

async function annInAws(options: EmulatorOptions = {}) {
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann] }],
    publicRegistry: { upstream: '127.0.0.1:1', registries: [{ account, alias: 'gravitational' }] },
    ...options,
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  return emulator;
}

test.each([
  ['private', staging, 'ecr'],
  ['public', gallery, 'ecrPublic'],
] as const)('a %s repository is created once', async (_, registry, service) => {
  const emulator = await annInAws();
  const repositories = ecrRepositories(opened(emulator).session(asAdmin), registry);
  expect(await repositories.exists(name)).toBe(false);
  expect(await repositories.create(name)).toBe(true);
  expect(await repositories.exists(name)).toBe(true);
  expect(await repositories.create(name)).toBe(false);
  expect(emulator.calls[service]).toEqual([
    'DescribeRepositories',
    'CreateRepository',
    'DescribeRepositories',
    'CreateRepository',
  ]);
});

test('a private repository has tags that never move, and is scanned and encrypted as it is asked', async () => {
  const emulator = await annInAws();
  const repositories = ecrRepositories(opened(emulator).session(asAdmin), staging);
  const key = `arn:aws:kms:us-west-2:${account}:key/1`;
  await repositories.create(name);
  await repositories.create('a/b', { scanOnPush: false, encryption: 'KMS' });
  await repositories.create('a/c', { encryption: key });
  const asked = emulator.calls.all.filter(({ action }) => action === 'CreateRepository');
  expect(asked.map(({ parameters }) => parameters)).toEqual([
    {
      registryId: account,
      repositoryName: name,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'AES256' },
    },
    {
      registryId: account,
      repositoryName: 'a/b',
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'KMS' },
    },
    {
      registryId: account,
      repositoryName: 'a/c',
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'KMS', kmsKey: key },
    },
  ]);
});

test('a public repository has its page in the gallery, and no alias in its name', async () => {
  const emulator = await annInAws();
  const repositories = ecrRepositories(opened(emulator).session(asAdmin), gallery);
  await repositories.create(name, {
    catalog: {
      description: 'Tells people of requests',
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
        { os: 'linux', architecture: 'riscv64' },
      ],
      about: '# About',
      usage: '# Usage',
    },
  });
  expect(emulator.calls.all.at(-1)).toMatchObject({
    region: 'us-east-1',
    parameters: {
      repositoryName: 'teleport-plugin-email',
      catalogData: {
        description: 'Tells people of requests',
        architectures: ['x86-64', 'ARM 64'],
        operatingSystems: ['Linux'],
        aboutText: '# About',
        usageText: '# Usage',
      },
    },
  });
});

test.each([
  ['private', staging, 'ecr'],
  ['public', gallery, 'ecr-public'],
] as const)(
  'who may not create a %s repository is told what is missing',
  async (_, registry, service) => {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: `${service}:DescribeRepositories`, Resource: '*' }],
    } as const;
    const emulator = await annInAws({ roles: [{ arn: admin, trust: [ann], policy }] });
    const repositories = ecrRepositories(opened(emulator).session(asAdmin), registry);
    expect(await refusalOf(repositories.create(name))).toEqual([
      'access-denied',
      `${service}:CreateRepository on ${name} as ${adminSession}: access denied; its policies must allow ${service}:CreateRepository`,
    ]);
  },
);

test.each([
  ['private', staging],
  ['public', gallery],
] as const)(
  'the session policy for creating a %s repository is enough, for that one',
  async (_, registry) => {
    const emulator = await annInAws();
    const create = [repositoryArn(registry, name, account)];
    const policy = sessionPolicy({ pull: [], push: [], describe: create, create });
    const repositories = ecrRepositories(
      opened(emulator).session({ ...asAdmin, policy }),
      registry,
    );
    expect(await repositories.exists(name)).toBe(false);
    expect(await repositories.create(name)).toBe(true);
    expect((await refusalOf(repositories.create('gravitational/other')))[0]).toBe('access-denied');
  },
);

test('a name that ECR does not take', async () => {
  const emulator = await annInAws();
  const repositories = ecrRepositories(opened(emulator).session(asAdmin), staging);
  const [code, message] = await refusalOf(repositories.create('Gravitational'));
  expect(code).toBe('request-refused');
  expect(message).toMatch(
    /^ecr:CreateRepository on Gravitational as \S+: it is refused \(InvalidParameterException: "Invalid parameter at 'repositoryName' /,
  );
});

test('ARNs are those of the region and its partition', () => {
  const china = ecrRegistryOf(`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`)!;
  expect(repositoryArn(staging, name, '1')).toBe(
    `arn:aws:ecr:us-west-2:${account}:repository/${name}`,
  );
  expect(repositoryArn(china, name, '1')).toBe(
    `arn:aws-cn:ecr:cn-north-1:${account}:repository/${name}`,
  );
  expect(repositoryArn(gallery, name, account)).toBe(
    `arn:aws:ecr-public::${account}:repository/teleport-plugin-email`,
  );
});
