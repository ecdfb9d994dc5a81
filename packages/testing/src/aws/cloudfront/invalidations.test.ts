import { expect, test } from 'vitest';

import { describeWithPeer } from '../../peer.js';
import type { PolicyDocument } from '../policy.js';
import { serveAws } from '../serve.js';
import { askCloudFront, elementIn } from '../test/client.js';
import { commandLine } from '../test/command-line.js';
import { account, allowing, ann } from '../test/world.js';

const bob = 'arn:aws:iam::210987654321:user/bob';
const distributions = [{ account, id: 'E1STORE' }];
const invalidations = '/2020-05-31/distribution/E1STORE/invalidation';

function serve(policy?: PolicyDocument) {
  const users = [{ arn: ann, ...(policy && { policy }) }, { arn: bob }];
  return serveAws({ users, distributions });
}

function batch(reference: string, paths: readonly string[], quantity = paths.length): string {
  const items = paths.map((path) => `<Path>${path}</Path>`).join('');
  return [
    '<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">',
    `<Paths><Quantity>${quantity}</Quantity><Items>${items}</Items></Paths>`,
    `<CallerReference>${reference}</CallerReference></InvalidationBatch>`,
  ].join('');
}

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (program) => {
  test('invalidates paths, tells of it, and waits for its end', async () => {
    const aws = await serve();
    // With an endpoint of its own the client signs for the region that it is in.
    const region = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' };
    const asAnn = commandLine(program, aws, aws.keysOf(ann), region);
    const of = ['--distribution-id', 'E1STORE'];
    const paths = ['/store/a/b/9.1.3/*', '/index.json'];
    const create = ['cloudfront', 'create-invalidation', ...of, '--paths', ...paths];
    const created = JSON.parse(await asAnn(...create)) as {
      readonly Location: string;
      readonly Invalidation: { readonly Id: string };
    };
    const { Id } = created.Invalidation;
    expect(created).toMatchObject({
      Location: `https://cloudfront.amazonaws.com${invalidations}/${Id}`,
      Invalidation: {
        Status: 'InProgress',
        InvalidationBatch: { Paths: { Quantity: 2, Items: paths } },
      },
    });
    await asAnn('cloudfront', 'wait', 'invalidation-completed', ...of, '--id', Id);
    const got = await asAnn('cloudfront', 'get-invalidation', ...of, '--id', Id);
    expect(JSON.parse(got)).toMatchObject({ Invalidation: { Id, Status: 'Completed' } });
    expect(aws.invalidations('E1STORE')).toEqual([paths]);
    expect(aws.calls.cloudfront).toEqual([
      ...['CreateInvalidation', 'GetInvalidation', 'GetInvalidation'],
    ]);
    const missing = ['--distribution-id', 'E1OTHER', '--paths', '/*'];
    await expect(asAnn('cloudfront', 'create-invalidation', ...missing)).rejects.toThrow(
      '(NoSuchDistribution)',
    );
  });
});

test('a reference is for one invalidation', async () => {
  const aws = await serve();
  const create = (reference: string, paths: readonly string[]) =>
    askCloudFront(aws, aws.keysOf(ann), `POST ${invalidations}`, batch(reference, paths));
  const first = await create('first', ['/a', '/b&amp;c']);
  expect(first).toMatchObject({ status: 201 });
  const again = await create('first', ['/a', '/b&amp;c']);
  expect(elementIn(again, 'Id')).toBe(elementIn(first, 'Id'));
  expect(await create('first', ['/a'])).toMatchObject({
    code: 'InvalidationBatchAlreadyExists',
  });
  expect(elementIn(await create('second', ['/a']), 'Id')).not.toBe(elementIn(first, 'Id'));
  expect(aws.invalidations('E1STORE')).toEqual([['/a', '/b&c'], ['/a']]);
  expect(() => aws.invalidations('E1OTHER')).toThrow('no E1OTHER');
});

test.each([
  ['no batch', '', 'MissingBody'],
  ['a wrong number of paths', batch('a', ['/a'], 2), 'InconsistentQuantities'],
  ['no paths', batch('a', []), 'InvalidArgument'],
  ['a path without a slash', batch('a', ['a']), 'InvalidArgument'],
  ['no reference', batch('', ['/a']), 'InvalidArgument'],
])('%s: nothing is invalidated', async (_, body, code) => {
  const aws = await serve();
  const answer = await askCloudFront(aws, aws.keysOf(ann), `POST ${invalidations}`, body);
  expect(answer).toMatchObject({ status: 400, code });
  expect(aws.invalidations('E1STORE')).toEqual([]);
});

test('who invalidates must be allowed to, and in the account of the distribution', async () => {
  const resource = `arn:aws:cloudfront::${account}:distribution/E1STORE`;
  const create = `POST ${invalidations}` as const;
  const body = batch('a', ['/*']);
  const aws = await serve(allowing(['cloudfront:CreateInvalidation'], [resource]));
  const created = await askCloudFront(aws, aws.keysOf(ann), create, body);
  expect(created.status).toBe(201);
  const get = `GET ${invalidations}/${String(elementIn(created, 'Id'))}` as const;
  expect(await askCloudFront(aws, aws.keysOf(ann), get)).toMatchObject({
    ...{ status: 403, code: 'AccessDenied' },
    message: `User: ${ann} is not authorized to perform: cloudfront:GetInvalidation on resource: ${resource} because no identity-based policy allows the cloudfront:GetInvalidation action`,
  });
  const other = 'POST /2020-05-31/distribution/E1OTHER/invalidation';
  expect(await askCloudFront(aws, aws.keysOf(ann), other, body)).toMatchObject({ status: 403 });
  expect(await askCloudFront(aws, aws.keysOf(bob), create, body)).toMatchObject({
    ...{ status: 404, code: 'NoSuchDistribution' },
  });
  expect(aws.calls.all.at(-1)).toMatchObject({
    ...{ service: 'cloudfront', action: 'CreateInvalidation', region: 'us-east-1', by: bob },
    ...{ parameters: { distribution: 'E1STORE', paths: ['/*'] }, outcome: 'NoSuchDistribution' },
  });
});

test('requests are signed for CloudFront, in us-east-1', async () => {
  const aws = await serve();
  const create = (options: Parameters<typeof askCloudFront>[4], keys = aws.keysOf(ann)) =>
    askCloudFront(aws, keys, `POST ${invalidations}`, batch('a', ['/*']), options);
  const refused = { status: 403, code: 'SignatureDoesNotMatch' };
  expect(await create({ region: 'us-west-2' })).toMatchObject(refused);
  expect(await create({ service: 'sts' })).toMatchObject(refused);
  const changed = batch('a', ['/other']);
  expect(await create({ tamper: (sent) => (sent.body = changed) })).toMatchObject(refused);
  const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'secret' };
  expect(await create({}, stranger)).toMatchObject({ status: 403, code: 'InvalidClientTokenId' });
  const unsigned = await askCloudFront(aws, undefined, `POST ${invalidations}`, '');
  expect(unsigned).toMatchObject({ status: 403, code: 'MissingAuthenticationToken' });
  aws.misbehave({ service: 'cloudfront', as: 'throttled', times: 1 });
  expect(await create({})).toMatchObject({ status: 400, code: 'Throttling' });
  expect(aws.invalidations('E1STORE')).toEqual([]);
});

test('a missing invalidation, and an operation that is not known here, are said to be that', async () => {
  const aws = await serve();
  const ask = (request: `GET /${string}`) => askCloudFront(aws, aws.keysOf(ann), request);
  expect(await ask(`GET ${invalidations}/I1`)).toMatchObject({
    ...{ status: 404, code: 'NoSuchInvalidation' },
  });
  expect(await ask('GET /2020-05-31/distribution')).toMatchObject({ code: 'InvalidAction' });
});
