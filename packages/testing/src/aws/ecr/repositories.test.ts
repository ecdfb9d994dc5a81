import { expect, test } from 'vitest';

import { serveAws, type Aws } from '../serve.js';
import { askEcr } from '../test/client.js';
import { account, admin, allowing, ann } from '../test/world.js';

const name = 'gravitational/teleport-plugin-email';
const arn = `arn:aws:ecr:us-west-2:${account}:repository/${name}`;

test('creates a repository as it is told to, once', async () => {
  const now = new Date('2022-05-01T12:00:00.500Z');
  const aws = await serveAws({ users: [{ arn: ann }], now: () => now });
  const settings = {
    repositoryName: name,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'alias/plugins' },
  };
  const repository = {
    ...settings,
    repositoryArn: arn,
    registryId: account,
    repositoryUri: `${account}.dkr.ecr.us-west-2.amazonaws.com/${name}`,
    createdAt: 1_651_406_400.5,
  };
  const options = { now };
  const ask = (operation: string, parameters: unknown) =>
    askEcr(aws, aws.keysOf(ann), ['ecr', operation], parameters, options);
  const created = await ask('CreateRepository', settings);
  expect(JSON.parse(created.body)).toEqual({ repository });
  expect(await ask('CreateRepository', settings)).toMatchObject({
    status: 400,
    code: 'RepositoryAlreadyExistsException',
    message: `The repository with name '${name}' already exists in the registry with id '${account}'`,
  });
  const described = await ask('DescribeRepositories', { repositoryNames: [name] });
  expect(JSON.parse(described.body)).toEqual({ repositories: [repository] });
  expect(aws.calls.ecr).toEqual(['CreateRepository', 'CreateRepository', 'DescribeRepositories']);
});

test('a repository is in its region only, mutable and not scanned when nothing is said', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const parameters = { repositoryName: name };
  const created = await askEcr(aws, aws.keysOf(ann), ['ecr', 'CreateRepository'], parameters);
  expect(JSON.parse(created.body)).toMatchObject({
    repository: {
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'AES256' },
    },
  });
  const names = { repositoryNames: [name] };
  const elsewhere = { region: 'eu-central-1' };
  expect(
    await askEcr(aws, aws.keysOf(ann), ['ecr', 'DescribeRepositories'], names, elsewhere),
  ).toMatchObject({
    code: 'RepositoryNotFoundException',
    message: `The repository with name '${name}' does not exist in the registry with id '${account}'`,
  });
  expect(aws.calls.all.map(({ region }) => region)).toEqual(['us-west-2', 'eu-central-1']);
});

test.each([
  [{ repositoryName: 'Acme/app' }, /'repositoryName' .* regular expression/],
  [{ repositoryName: 'a'.repeat(257) }, /'repositoryName' .* length/],
  [{ repositoryName: name, imageTagMutability: 'never' }, /'imageTagMutability'/],
  [{ repositoryName: name, encryptionConfiguration: { encryptionType: 'x' } }, /'encryptionType'/],
])('refuses what is not valid: %j', async (parameters, message) => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const answer = await askEcr(aws, aws.keysOf(ann), ['ecr', 'CreateRepository'], parameters);
  expect(answer.code).toBe('InvalidParameterException');
  expect(answer.message).toMatch(message);
});

test('lists repositories in pages', async () => {
  const repositories = ['one', 'two', 'three'].map((each) => ({ name: each }));
  const registry = { account, region: 'us-west-2', upstream: '127.0.0.1:1', repositories };
  const aws = await serveAws({ users: [{ arn: ann }], privateRegistries: [registry] });
  const page = async (parameters: object) => {
    const operation = ['ecr', 'DescribeRepositories'] as const;
    const { body } = await askEcr(aws, aws.keysOf(ann), operation, parameters);
    return JSON.parse(body) as { repositories: { repositoryName: string }[]; nextToken?: string };
  };
  const first = await page({ maxResults: 2 });
  const second = await page({ maxResults: 2, nextToken: first.nextToken });
  const names = [...first.repositories, ...second.repositories].map((each) => each.repositoryName);
  expect(names).toEqual(['one', 'two', 'three']);
  expect(second.nextToken).toBeUndefined();
});

test('refuses what a session policy does not allow, naming action and repository', async () => {
  const aws = await serveAws({ roles: [{ arn: admin, trust: [] }] });
  const policy = allowing(['ecr:CreateRepository'], [arn.replace('email', 'slack')]);
  const keys = aws.sessionOf(admin, { policy });
  const create = (repositoryName: string) =>
    askEcr(aws, keys, ['ecr', 'CreateRepository'], { repositoryName });
  const refused = await create(name);
  expect(refused.code).toBe('AccessDeniedException');
  expect(refused.message).toContain(`to perform: ecr:CreateRepository on resource: ${arn} because`);
  expect(await create(name.replace('email', 'slack'))).toMatchObject({ status: 200 });
});

test('refuses the repositories of another account', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const registryId = '000000000000';
  const operation = ['ecr', 'DescribeRepositories'] as const;
  const answer = await askEcr(aws, aws.keysOf(ann), operation, { registryId });
  expect(answer.message).toMatch(/because no resource-based policy allows/);
});

test('has the operations that a release needs, and no others', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const answer = await askEcr(aws, aws.keysOf(ann), ['ecr', 'DeleteRepository']);
  expect(answer).toMatchObject({ status: 400, code: 'UnknownOperationException' });
});

test('gives tokens for twelve hours, for up to ten registries', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const { authorizationData } = await token(aws, 'ecr', { registryIds: ['1'.repeat(12)] });
  expect(authorizationData).toMatchObject([
    { proxyEndpoint: 'https://111111111111.dkr.ecr.us-west-2.amazonaws.com' },
  ]);
  const [{ authorizationToken, expiresAt }] = authorizationData as [Token];
  expect(Buffer.from(authorizationToken, 'base64').toString()).toMatch(/^AWS:[^:]{400,}$/);
  expect(Math.round((expiresAt - Date.now() / 1000) / 60)).toBe(720);
});

test('gives one for ECR Public, which is an object and needs a right of STS', async () => {
  const aws = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [] }] });
  const { authorizationData } = await token(aws, 'ecr-public');
  expect(Object.keys(authorizationData)).toEqual(['authorizationToken', 'expiresAt']);
  const policy = allowing(['ecr-public:GetAuthorizationToken']);
  const keys = aws.sessionOf(admin, { policy });
  const answer = await askEcr(aws, keys, ['ecr-public', 'GetAuthorizationToken']);
  expect(answer.message).toMatch(/not authorized to perform: sts:GetServiceBearerToken/);
});

test('gives passwords with colons when asked to', async () => {
  const aws = await serveAws({ users: [{ arn: ann }], passwordsWithColons: true });
  const { authorizationData } = await token(aws, 'ecr-public');
  const { authorizationToken } = authorizationData as Token;
  expect(Buffer.from(authorizationToken, 'base64').toString()).toMatch(/^AWS:[^:]+:[^:]+$/);
});

interface Token {
  readonly authorizationToken: string;
  readonly expiresAt: number;
}

async function token(aws: Aws, api: 'ecr' | 'ecr-public', parameters = {}) {
  const { body } = await askEcr(aws, aws.keysOf(ann), [api, 'GetAuthorizationToken'], parameters);
  return JSON.parse(body) as { readonly authorizationData: object };
}
