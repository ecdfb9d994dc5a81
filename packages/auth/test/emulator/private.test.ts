import { request } from 'node:http';

import type { Aws, AwsCredentials } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { asking, basic, digestOf, manifest, pushBlob, putManifest, type Ask } from './asking.js';
import { account, allowing, ann, emulatedAws, region, role } from '../emulated.js';

const app = 'acme/app';
const arn = `arn:aws:ecr:${region}:${account}:repository/${app}`;

test('asks for a password, and takes one of its region from the user AWS', async () => {
  const aws = await emulatedAws();
  const { host } = aws.privateRegistry(account, region);
  const refused = await asking(host)('GET', '/v2/');
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(
    `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
  );
  expect(await visit(aws)('GET', '/v2/')).toMatchObject({ status: 200 });
  const ofAnn = aws.keysOf(ann);
  for (const password of [
    'wrong',
    aws.registryPassword(ofAnn, 'public'),
    aws.registryPassword(ofAnn, { region: 'eu-central-1' }),
  ]) {
    expect(await asking(host, basic(password))('GET', '/v2/')).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: 'Your Authorization Token is invalid.',
    });
  }
});

test('refuses a password that has run out', async () => {
  let now = new Date();
  const aws = await emulatedAws({ now: () => now });
  const ask = visit(aws);
  const expired = {
    status: 403,
    code: 'DENIED',
    message: 'Your authorization token has expired. Reauthenticate and try again.',
  };
  expect(await ask('GET', '/v2/')).toMatchObject({ status: 200 });
  now = new Date(now.getTime() + 12 * 3_600_000);
  expect(await ask('GET', '/v2/')).toMatchObject(expired);
  const again = visit(aws);
  expect(await again('GET', '/v2/')).toMatchObject({ status: 200 });
  aws.expireTokens();
  expect(await again('GET', '/v2/')).toMatchObject(expired);
});

test('redirects for blobs to another origin, which refuses what the registry is told', async () => {
  const aws = await emulatedAws();
  const ask = visit(aws);
  const digest = await pushBlob(ask, app, 'layer');
  const found = await ask('GET', `/v2/${app}/blobs/${digest}`);
  expect(found.status).toBe(307);
  const location = found.headers.get('location') ?? '';
  expect(new URL(location).host).not.toBe(aws.privateRegistry(account, region).host);
  expect(await asking('')('GET', location)).toMatchObject({ status: 200, body: 'layer' });
  expect(await ask('GET', location)).toMatchObject({ status: 400 });
  expect(await asking('')('GET', `${location}0`)).toMatchObject({ status: 403 });
  expect(aws.calls.storage.slice(0, 2)).toEqual([`GET /${digest}`, `GET /${digest}`]);
  expect(JSON.stringify(aws.calls.all)).not.toMatch(/X-Amz-Signature/);
  const head = await ask('HEAD', `/v2/${app}/blobs/${digest}`);
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
});

test('takes a manifest by a new tag, by none again, and by its digest always', async () => {
  const ask = visit(await emulatedAws());
  await pushBlob(ask, app, '{}');
  const put = await putManifest(ask, app, '1', manifest());
  expect(put).toMatchObject({ status: 201 });
  expect(put.headers.get('location')).toBeNull();
  for (const again of [manifest(), manifest({ other: 'yes' })]) {
    expect(await putManifest(ask, app, '1', again)).toMatchObject({
      status: 400,
      code: 'TAG_INVALID',
      message: `The image tag '1' already exists in the '${app}' repository and cannot be overwritten because the tag is immutable.`,
    });
    expect(await putManifest(ask, app, digestOf(again), again)).toMatchObject({ status: 201 });
  }
  const both = await Promise.all(
    [manifest(), manifest({ other: 'yes' })].map((each) => putManifest(ask, app, '2', each)),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
});

test('moves tags where they are mutable', async () => {
  const repositories = [{ name: app, immutable: false }];
  const ask = visit(await emulatedAws({ staging: { repositories } }));
  await pushBlob(ask, app, '{}');
  for (const each of [manifest(), manifest(), manifest({ other: 'yes' })]) {
    expect(await putManifest(ask, app, 'latest', each)).toMatchObject({ status: 201 });
  }
});

test('answers the first part with 201 and its range, later ones with the same', async () => {
  const ask = visit(await emulatedAws());
  const begun = await ask('POST', `/v2/${app}/blobs/uploads/`);
  expect(begun.status).toBe(202);
  const location = begun.headers.get('location') ?? '';
  for (const range of ['0-4', '5-9']) {
    const headers = { 'content-range': range };
    const part = await ask('PATCH', location, { body: 'layer', headers });
    expect([part.status, part.headers.get('range')]).toEqual([201, '0-4']);
  }
});

test('refuses a blob whose length is not said', async () => {
  const aws = await emulatedAws();
  const begun = await visit(aws)('POST', `/v2/${app}/blobs/uploads/`);
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: basic(passwordOf(aws, aws.keysOf(ann))) };
    const url = `${begun.headers.get('location') ?? ''}?digest=${digestOf('x')}`;
    const sent = request(url, { method: 'PUT', headers }, ({ statusCode }) => resolve(statusCode));
    sent.on('error', reject).write('x');
    sent.end();
  });
  expect(status).toBe(411);
});

test('mounts blobs where that is allowed, and else begins an upload', async () => {
  const repositories = [{ name: app }, { name: 'acme/other' }];
  for (const [mounting, status] of [
    [false, 202],
    [true, 201],
  ] as const) {
    const ask = visit(await emulatedAws({ staging: { repositories, mounting } }));
    const digest = await pushBlob(ask, app, 'layer');
    const query = `?mount=${digest}&from=${app}`;
    expect(await ask('POST', `/v2/acme/other/blobs/uploads/${query}`)).toMatchObject({ status });
  }
});

test('knows no repository that was not created, and deletes nothing', async () => {
  const ask = visit(await emulatedAws());
  const unknown = {
    status: 404,
    code: 'NAME_UNKNOWN',
    message: `The repository with name 'acme/new' does not exist in the registry with id '${account}'`,
  };
  expect(await ask('POST', '/v2/acme/new/blobs/uploads/')).toMatchObject(unknown);
  expect(await ask('GET', '/v2/acme/new/manifests/1')).toMatchObject(unknown);
  expect(await ask('DELETE', `/v2/${app}/manifests/1`)).toMatchObject({ status: 405 });
  expect(await ask('GET', `/v2/${app}/tags/list?n=1001`)).toMatchObject({ status: 400 });
});

test('takes ten manifests a second', async () => {
  let now = new Date();
  const ask = visit(await emulatedAws({ now: () => now }));
  await pushBlob(ask, app, '{}');
  const put = (tag: number) => putManifest(ask, app, String(tag), manifest());
  for (let tag = 0; tag < 10; tag += 1) expect(await put(tag)).toMatchObject({ status: 201 });
  const refused = await put(10);
  expect(refused).toMatchObject({ status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' });
  expect(refused.headers.get('retry-after')).toBe('1');
  now = new Date(now.getTime() + 1000);
  expect(await put(10)).toMatchObject({ status: 201 });
});

test('a password carries the rights of the session that got it', async () => {
  const other = 'arn:aws:iam::000000000000:role/other';
  const roles = [role, other].map((each) => ({ arn: each, trust: [] }));
  const aws = await emulatedAws({ roles });
  const pull = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  const reads = visit(aws, aws.sessionOf(role, { name: 'reads', policy: allowing(pull, [arn]) }));
  const who = `arn:aws:sts::${account}:assumed-role/release/reads`;
  expect(await reads('GET', `/v2/${app}/manifests/1`)).toMatchObject({ status: 404 });
  expect(await reads('POST', `/v2/${app}/blobs/uploads/`)).toMatchObject({
    status: 403,
    code: 'DENIED',
    message: `User: ${who} is not authorized to perform: ecr:InitiateLayerUpload on resource: ${arn} because no session policy allows the ecr:InitiateLayerUpload action`,
  });
  expect(await reads('GET', '/v2/acme/other/manifests/1')).toMatchObject({ status: 403 });
  const foreign = visit(aws, aws.sessionOf(other));
  expect(await foreign('GET', `/v2/${app}/manifests/1`)).toMatchObject({
    message: expect.stringMatching(/no resource-based policy allows/) as string,
  });
});

test('misbehaves by action, and writes down what it was asked', async () => {
  const aws = await emulatedAws();
  const ask = visit(aws);
  aws.misbehave({ service: 'registry', action: 'PutImage', as: 'throttled', times: 1 });
  await pushBlob(ask, app, '{}');
  const refused = await putManifest(ask, app, '1', manifest());
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await putManifest(ask, app, '1', manifest())).toMatchObject({ status: 201 });
  aws.misbehave({ service: 'registry', as: 'expired-token' });
  expect(await ask('GET', '/v2/')).toMatchObject({ status: 403, code: 'DENIED' });
  const name = `${account}/${region}`;
  expect(aws.calls.registry[0]).toBe(`${name} POST /v2/${app}/blobs/uploads/`);
  expect(aws.calls.registry.slice(2)).toEqual([
    `${name} PUT /v2/${app}/manifests/1`,
    `${name} PUT /v2/${app}/manifests/1`,
    `${name} GET /v2/`,
  ]);
  expect(aws.calls.all.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'InitiateLayerUpload 202',
    'CompleteLayerUpload 201',
    'PutImage 429 TOOMANYREQUESTS',
    'PutImage 201',
    'Ping 403 DENIED',
  ]);
});

function passwordOf(aws: Aws, keys: AwsCredentials): string {
  return aws.registryPassword(keys, { region });
}

function visit(aws: Aws, keys = aws.keysOf(ann)): Ask {
  const { host } = aws.privateRegistry(account, region);
  return asking(host, basic(passwordOf(aws, keys)));
}
