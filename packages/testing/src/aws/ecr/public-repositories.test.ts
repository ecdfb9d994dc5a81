import { expect, test } from 'vitest';

import { serveAws, type Aws } from '../serve.js';
import { askEcr } from '../test/client.js';
import { account, admin, allowing, ann } from '../test/world.js';

const repositoryName = 'teleport-plugin-email';
const catalogData = {
  description: 'Access requests by e-mail',
  architectures: ['x86-64', 'ARM 64'],
  operatingSystems: ['Linux'],
  aboutText: '# Email',
};

test('creates a repository with catalog data, whose name goes without the alias', async () => {
  const aws = await served();
  const created = await ask(aws, 'CreateRepository', { repositoryName, catalogData });
  expect(JSON.parse(created.body)).toMatchObject({
    repository: {
      repositoryName,
      repositoryArn: `arn:aws:ecr-public::${account}:repository/${repositoryName}`,
      repositoryUri: `${aws.publicRegistry.host}/gravitational/${repositoryName}`,
    },
    catalogData,
  });
  expect(await ask(aws, 'CreateRepository', { repositoryName })).toMatchObject({
    code: 'RepositoryAlreadyExistsException',
  });
  const described = await ask(aws, 'DescribeRepositories', { repositoryNames: [repositoryName] });
  expect(described.body).toContain(repositoryName);
  expect(JSON.parse((await ask(aws, 'DescribeRegistries', {})).body)).toMatchObject({
    registries: [{ registryId: account, aliases: [{ name: 'gravitational', status: 'ACTIVE' }] }],
  });
});

test('replaces all catalog data when some are put', async () => {
  const aws = await served();
  await ask(aws, 'CreateRepository', { repositoryName });
  expect(await ask(aws, 'GetRepositoryCatalogData', { repositoryName })).toMatchObject({
    code: 'RepositoryCatalogDataNotFoundException',
  });
  await ask(aws, 'PutRepositoryCatalogData', { repositoryName, catalogData });
  const usage = { usageText: 'docker pull' };
  await ask(aws, 'PutRepositoryCatalogData', { repositoryName, catalogData: usage });
  const got = await ask(aws, 'GetRepositoryCatalogData', { repositoryName });
  expect(JSON.parse(got.body)).toEqual({ catalogData: usage });
});

test.each([
  [{ description: 'x'.repeat(1025) }, /'description' .* 1024/],
  [{ aboutText: 'x'.repeat(25_601) }, /'aboutText' .* 25600/],
  [{ about: 'x' }, /'about'/],
])('refuses catalog data that are too long or unknown', async (data, message) => {
  const answer = await ask(await served(), 'CreateRepository', {
    repositoryName,
    catalogData: data,
  });
  expect(answer.code).toBe('InvalidParameterException');
  expect(answer.message).toMatch(message);
});

test('is in us-east-1 only', async () => {
  const aws = await served();
  const region = 'us-west-2';
  expect(
    await askEcr(aws, aws.keysOf(ann), ['ecr-public', 'DescribeRegistries'], {}, { region }),
  ).toMatchObject({
    status: 400,
    code: 'UnsupportedCommandException',
    message: 'DescribeRegistries command is only supported in us-east-1.',
  });
});

test('refuses what a policy does not allow, and accounts without a public registry', async () => {
  const aws = await served();
  const policy = allowing(['ecr-public:DescribeRepositories']);
  const keys = aws.sessionOf(admin, { policy });
  const refused = await askEcr(aws, keys, ['ecr-public', 'CreateRepository'], { repositoryName });
  expect(refused.message).toContain(
    `to perform: ecr-public:CreateRepository on resource: arn:aws:ecr-public::${account}:repository/${repositoryName} because no session policy`,
  );
  const registryId = '000000000000';
  expect(await ask(aws, 'DescribeRepositories', { registryId })).toMatchObject({
    code: 'RegistryNotFoundException',
  });
});

function served(): Promise<Aws> {
  const registries = [{ account, alias: 'gravitational' }];
  const publicRegistry = { upstream: '127.0.0.1:1', registries };
  const roles = [{ arn: admin, trust: [] }];
  return serveAws({ users: [{ arn: ann }], roles, publicRegistry });
}

function ask(aws: Aws, operation: string, parameters: unknown) {
  return askEcr(aws, aws.keysOf(ann), ['ecr-public', operation], parameters);
}
