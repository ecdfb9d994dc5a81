import type { Aws } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { asking, basic, manifest, pushBlob, putManifest, type Ask } from './asking.js';
import { account, allowing, ann, emulatedAws, role } from '../emulated.js';

const app = 'acme/app';

test('asks for a token of its own token endpoint, with one scope for everything', async () => {
  const aws = await emulatedAws();
  const { host } = aws.publicRegistry;
  const refused = await asking(host)('GET', '/v2/');
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="http://${host}/token/",service="public.ecr.aws",scope="aws"`,
  );
  // Not even a right password is taken directly.
  const password = aws.registryPassword(aws.keysOf(ann), 'public');
  expect(await asking(host, basic(password))('GET', '/v2/')).toMatchObject({ status: 401 });
  const ask = await visit(aws, password);
  expect(await ask('GET', '/v2/')).toMatchObject({ status: 200 });
  expect(aws.calls.registry.slice(-2)).toEqual(['public GET /token/', 'public GET /v2/']);
});

test('anybody gets a token to pull, but not to look for blobs or to push', async () => {
  const aws = await emulatedAws();
  const ask = await visit(aws, aws.registryPassword(aws.keysOf(ann), 'public'));
  const digest = await pushBlob(ask, app, '{}');
  expect(await putManifest(ask, app, '1', manifest())).toMatchObject({ status: 201 });
  const anybody = await visit(aws);
  expect(await anybody('GET', `/v2/${app}/manifests/1`)).toMatchObject({ body: manifest() });
  const found = await anybody('GET', `/v2/${app}/blobs/${digest}`);
  const location = found.headers.get('location') ?? '';
  expect(await asking('')('GET', location)).toMatchObject({ status: 200, body: '{}' });
  expect(await anybody('HEAD', `/v2/${app}/blobs/${digest}`)).toMatchObject({ status: 401 });
  expect(await anybody('POST', `/v2/${app}/blobs/uploads/`)).toMatchObject({ status: 403 });
});

test('refuses at the token endpoint a password that has run out, and one of ECR', async () => {
  const aws = await emulatedAws();
  const keys = aws.keysOf(ann);
  const password = aws.registryPassword(keys, 'public');
  const ask = await visit(aws, password);
  aws.expireTokens();
  const token = asking(aws.publicRegistry.host, basic(password));
  for (const expired of [await token('GET', '/token/'), await ask('GET', '/v2/')]) {
    expect(expired).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: 'Your authorization token has expired. Reauthenticate and try again.',
    });
  }
  const other = basic(aws.registryPassword(keys, { region: 'us-east-1' }));
  expect(await asking(aws.publicRegistry.host, other)('GET', '/token/')).toMatchObject({
    message: 'Your Authorization Token is invalid.',
  });
  expect(await token('POST', '/token/')).toMatchObject({ status: 405 });
});

test('moves tags, and knows no repository that was not created', async () => {
  const aws = await emulatedAws();
  const ask = await visit(aws, aws.registryPassword(aws.keysOf(ann), 'public'));
  await pushBlob(ask, app, '{}');
  for (const each of [manifest(), manifest({ other: 'yes' })]) {
    expect(await putManifest(ask, app, '1', each)).toMatchObject({ status: 201 });
  }
  for (const name of ['acme/new', 'nobody/app']) {
    const unknown = await ask('POST', `/v2/${name}/blobs/uploads/`);
    expect(unknown).toMatchObject({ status: 404, code: 'NAME_UNKNOWN' });
  }
});

test.each([
  ['annotations of the config', manifest({}, { annotations: { a: 'b' } })],
  ['an empty config', manifest({}, { size: 0 })],
  ['data in a descriptor', manifest({}, { data: 'e30=' })],
  ['parameters of a media type', manifest({}, { mediaType: 'text/plain; charset=utf-8' })],
])('refuses manifests with %s', async (_, body) => {
  const aws = await emulatedAws();
  const ask = await visit(aws, aws.registryPassword(aws.keysOf(ann), 'public'));
  await pushBlob(ask, app, '{}');
  expect(await putManifest(ask, app, '1', body)).toMatchObject({
    status: 405,
    message: expect.stringMatching(/Invalid JSON syntax/) as string,
  });
});

test('begins ten uploads a second, and ends ten', async () => {
  const now = new Date();
  const aws = await emulatedAws({ now: () => now });
  const ask = await visit(aws, aws.registryPassword(aws.keysOf(ann), 'public'));
  for (let count = 0; count < 10; count += 1) await pushBlob(ask, app, String(count));
  expect(await ask('POST', `/v2/${app}/blobs/uploads/`)).toMatchObject({ status: 429 });
  const upload = `/v2/${app}/blobs/uploads/some?digest=x`;
  expect(await ask('PUT', upload, { body: '' })).toMatchObject({ status: 429 });
});

test('a token carries the rights of whoever got the password', async () => {
  const aws = await emulatedAws();
  const other = `arn:aws:ecr-public::${account}:repository/other`;
  const keys = aws.sessionOf(role, { policy: allowing(['ecr-public:*'], [other]) });
  const ask = await visit(aws, aws.registryPassword(keys, 'public'));
  const arn = `arn:aws:ecr-public::${account}:repository/app`;
  expect(await ask('POST', `/v2/${app}/blobs/uploads/`)).toMatchObject({
    status: 403,
    message: expect.stringContaining(
      `ecr-public:InitiateLayerUpload on resource: ${arn}`,
    ) as string,
  });
});

test('has the referrers API where asked to', async () => {
  for (const [referrers, status] of [
    [false, 404],
    [true, 200],
  ] as const) {
    const aws = await emulatedAws({ public: { referrers } });
    const ask = await visit(aws);
    const path = `/v2/${app}/referrers/sha256:${'0'.repeat(64)}`;
    expect(await ask('GET', path)).toMatchObject({ status });
  }
});

/** Somebody with a token: got with a password, or by anybody. */
async function visit(aws: Aws, password?: string): Promise<Ask> {
  const { host } = aws.publicRegistry;
  const authorization = password === undefined ? undefined : basic(password);
  const query = '?service=public.ecr.aws&scope=aws';
  const { body } = await asking(host, authorization)('GET', `/token/${query}`);
  const { token } = JSON.parse(body) as { readonly token: string };
  return asking(host, `Bearer ${token}`);
}
