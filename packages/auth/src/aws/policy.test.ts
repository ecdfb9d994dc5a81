import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { AuthError } from '../error.js';
import { sessionPolicy } from './policy.js';

const account = '146628656107';
const staged = `arn:aws:ecr:us-west-2:${account}:repository/gravitational/teleport-plugin-email`;
const published = `arn:aws:ecr-public::${account}:repository/teleport-plugin-email`;

const pulling = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:DescribeImages',
  'ecr:GetDownloadUrlForLayer',
  'ecr:ListImages',
];

test('a step that pulls may do nothing else', () => {
  expect(sessionPolicy({ pull: [staged], push: [], create: [] })).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
      { Effect: 'Allow', Action: pulling, Resource: [staged] },
    ],
  });
});

test('a step that pushes may look at what is there', () => {
  expect(sessionPolicy({ pull: [staged], push: [staged], create: [] }).Statement).toEqual([
    { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    {
      Effect: 'Allow',
      Action: [
        ...pulling,
        'ecr:CompleteLayerUpload',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      Resource: [staged],
    },
  ]);
});

test('a step that promotes pulls here and pushes there', () => {
  const policy = sessionPolicy({ pull: [staged], push: [published], create: [published] });
  expect(policy.Statement).toEqual([
    { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    { Effect: 'Allow', Action: pulling, Resource: [staged] },
    {
      Effect: 'Allow',
      Action: ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'],
      Resource: ['*'],
    },
    {
      Effect: 'Allow',
      Action: [
        'ecr-public:BatchCheckLayerAvailability',
        'ecr-public:CompleteLayerUpload',
        'ecr-public:DescribeImages',
        'ecr-public:InitiateLayerUpload',
        'ecr-public:PutImage',
        'ecr-public:UploadLayerPart',
      ],
      Resource: [published],
    },
    {
      Effect: 'Allow',
      Action: ['ecr-public:CreateRepository'],
      Resource: [published],
    },
  ]);
});

test('a step reads and writes the objects below its prefixes, and no others', () => {
  const [archives, registry] = [
    'arn:aws:s3:::archives/teleport-plugins/tag/*',
    'arn:aws:s3:::tf/*',
  ];
  const policy = sessionPolicy({
    readObjects: [archives],
    writeObjects: [registry, registry],
    deleteObjects: [registry],
  });
  expect(policy.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: ['arn:aws:s3:::archives', 'arn:aws:s3:::tf'],
    },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [archives, registry] },
    {
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
      Resource: [registry],
    },
    { Effect: 'Allow', Action: ['s3:DeleteObject'], Resource: [registry] },
  ]);
});

test('a step that only reads objects may not write any', () => {
  const policy = sessionPolicy({ readObjects: ['arn:aws-cn:s3:::tf/*'] });
  expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual([
    's3:ListBucket',
    's3:GetObject',
  ]);
});

test('objects that are encrypted with a key are read and written with rights to the key', () => {
  const keysOfObjects = [`arn:aws:kms:us-west-2:${account}:key/1`];
  const objects = ['arn:aws:s3:::tf/*'];
  const reading = sessionPolicy({ readObjects: objects, keysOfObjects });
  expect(reading.Statement.at(-1)).toEqual({
    Effect: 'Allow',
    Action: ['kms:Decrypt'],
    Resource: keysOfObjects,
  });
  const writing = sessionPolicy({ writeObjects: objects, keysOfObjects });
  expect(writing.Statement.at(-1)).toEqual({
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: keysOfObjects,
  });
});

test('a step that creates nothing may still see whether there is something', () => {
  const policy = sessionPolicy({ pull: [], push: [], describe: [staged], create: [] });
  expect(policy.Statement).toEqual([
    { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    { Effect: 'Allow', Action: ['ecr:DescribeRepositories'], Resource: [staged] },
  ]);
});

test('what is created with a key needs rights to the key', () => {
  const key = `arn:aws:kms:us-west-2:${account}:key/1`;
  expect(sessionPolicy({ create: [staged], keys: [key] }).Statement).toEqual([
    { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    { Effect: 'Allow', Action: ['ecr:CreateRepository'], Resource: [staged] },
    {
      Effect: 'Allow',
      Action: ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'],
      Resource: [key],
    },
  ]);
});

test('the rights to a key are those that docs/iam-policies.md has the role be given', async () => {
  const key = `arn:aws:kms:us-west-2:${account}:key/KEY-ID`;
  const file = join(import.meta.dirname, '../../../../docs/iam-policies.md');
  const [, after = ''] = (await readFile(file, 'utf8')).split('<!-- policy: encryption -->');
  const [, block = ''] = /^```json\n(.*?)^```$/ms.exec(after) ?? [];
  const documented = JSON.parse(block) as { readonly Statement: readonly object[] };
  const [, , taken] = sessionPolicy({ create: [staged], keys: [key] }).Statement;
  expect(documented.Statement).toEqual([{ ...taken, Resource: key }]);
});

test('so are the rights to the keys of buckets', async () => {
  const key = `arn:aws:kms:us-west-2:${account}:key/KEY-ID`;
  const file = join(import.meta.dirname, '../../../../docs/iam-policies.md');
  const [, after = ''] = (await readFile(file, 'utf8')).split('<!-- policy: bucket-keys -->');
  const [, block = ''] = /^```json\n(.*?)^```$/ms.exec(after) ?? [];
  const documented = JSON.parse(block) as { readonly Statement: readonly object[] };
  const needs = { writeObjects: ['arn:aws:s3:::tf/*'], keysOfObjects: [key] };
  const taken = sessionPolicy(needs).Statement.at(-1);
  expect(documented.Statement).toEqual([{ ...taken, Resource: key }]);
});

test('the order in which things are named does not matter', () => {
  const other = `${staged}-2`;
  expect(sessionPolicy({ pull: [other, staged, other], push: [], create: [] })).toEqual(
    sessionPolicy({ pull: [staged, other], push: [], create: [] }),
  );
});

test('a step that needs nothing may do nothing', () => {
  expect(sessionPolicy({ pull: [], push: [], create: [] }).Statement).toEqual([]);
});

test('a policy is never longer than AWS takes: there is an error instead', () => {
  const names = fc.array(fc.stringMatching(/^[a-z]{1,60}$/), { maxLength: 20 });
  const arns = fc
    .tuple(names, names)
    .map(([privates, publics]) => [
      ...privates.map((name) => `arn:aws:ecr:us-west-2:${account}:repository/${name}`),
      ...publics.map((name) => `arn:aws:ecr-public::${account}:repository/${name}`),
    ]);
  fc.assert(
    fc.property(fc.record({ pull: arns, push: arns, create: arns }), (needs) => {
      let length = 0;
      try {
        length = JSON.stringify(sessionPolicy(needs)).length;
      } catch (error) {
        expect(error).toBeInstanceOf(AuthError);
        expect(error).toMatchObject({ code: 'policy-too-large' });
      }
      expect(length).toBeLessThanOrEqual(2048);
    }),
  );
});

test('the error says how many repositories are too many', () => {
  const push = Array.from({ length: 30 }, (_, number) => `${staged}-${number}`);
  expect(() => sessionPolicy({ pull: [], push, create: [] })).toThrow(
    /^the session policy for 30 repositories has \d{4} characters, AWS takes 2048; release fewer plugins in one step$/,
  );
});
