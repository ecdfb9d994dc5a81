import { expect, test } from 'vitest';

import { serveAws } from './serve.js';
import { askEcr, askSts, elementIn, type CallOptions } from './test/client.js';
import { account, admin, ann } from './test/world.js';

const getCaller = { Action: 'GetCallerIdentity' };
const getToken = ['ecr', 'GetAuthorizationToken'] as const;

test('knows who signed, with lasting and with temporary keys', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const asAnn = await askSts(aws, aws.keysOf(ann), getCaller);
  expect([elementIn(asAnn, 'Arn'), elementIn(asAnn, 'Account')]).toEqual([ann, account]);
  const asAdmin = await askSts(aws, aws.sessionOf(admin, { name: 'ann' }), getCaller);
  expect(elementIn(asAdmin, 'Arn')).toBe(
    `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/ann`,
  );
});

test('a session of a role that nobody has set up may ask STS, and nothing else', async () => {
  const aws = await serveAws();
  const keys = aws.sessionOf(admin);
  expect(await askSts(aws, keys, getCaller)).toMatchObject({ status: 200 });
  expect(await askEcr(aws, keys, getToken)).toMatchObject({
    code: 'AccessDeniedException',
    message: expect.stringContaining('no identity-based policy allows') as string,
  });
});

test('takes the keys of a user from the options', async () => {
  const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a secret key' };
  const aws = await serveAws({ users: [{ arn: ann, ...keys }] });
  expect(aws.keysOf(ann)).toEqual(keys);
  expect(await askSts(aws, keys, getCaller)).toMatchObject({ status: 200 });
});

const mismatch = /^The request signature we calculated does not match/;
test.each<[string, CallOptions, string, string, RegExp]>([
  [
    'another body than the signed one',
    { tamper: (sent) => (sent.body += ' ') },
    ...(['SignatureDoesNotMatch', 'InvalidSignatureException', mismatch] as const),
  ],
  [
    'a header that was added and not signed',
    { tamper: ({ headers }) => (headers['x-amz-meta'] = 'x') },
    ...(['SignatureDoesNotMatch', 'InvalidSignatureException', /must be a signed header/] as const),
  ],
  [
    'a signature for another service',
    { service: 's3' },
    ...([
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      /^Credential should be scoped to/,
    ] as const),
  ],
  [
    'no signature',
    { tamper: ({ headers }) => delete headers.authorization },
    ...([
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      /^Request is missing/,
    ] as const),
  ],
  [
    'a header of another kind',
    { tamper: ({ headers }) => (headers.authorization = 'Bearer x') },
    ...([
      'IncompleteSignature',
      'IncompleteSignatureException',
      /is not a SigV4 signature/,
    ] as const),
  ],
  [
    'a clock that is an hour late',
    { now: new Date(Date.now() - 3_600_000) },
    ...([
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      /^Signature expired: \d{8}T\d{6}Z is now earlier than/,
    ] as const),
  ],
  [
    'a clock that is an hour early',
    { now: new Date(Date.now() + 3_600_000) },
    ...([
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      /^Signature not yet current: /,
    ] as const),
  ],
])('refuses %s, each API in its words', async (_, options, stsCode, ecrCode, message) => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const said = { message: expect.stringMatching(message) as string };
  const fromSts = await askSts(aws, aws.keysOf(ann), getCaller, options);
  expect(fromSts).toMatchObject({ code: stsCode, ...said });
  const fromEcr = await askEcr(aws, aws.keysOf(ann), getToken, {}, options);
  expect(fromEcr).toMatchObject({ status: 400, code: ecrCode, ...said });
  expect(aws.calls.all.map(({ outcome }) => outcome)).toEqual([stsCode, ecrCode]);
});

test('lets a clock be off by fifteen minutes for STS, by five for ECR', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const options = { now: new Date(Date.now() - 10 * 60_000) };
  const keys = aws.keysOf(ann);
  expect(await askSts(aws, keys, getCaller, options)).toMatchObject({ status: 200 });
  expect(await askEcr(aws, keys, getToken, {}, options)).toMatchObject({ status: 400 });
});

test('tells the time of its own clock, by which clients set theirs', async () => {
  const now = new Date('2022-05-01T12:00:00Z');
  const aws = await serveAws({ users: [{ arn: ann }], now: () => now });
  const { headers } = await askSts(aws, aws.keysOf(ann), getCaller);
  expect(headers.get('date')).toBe(now.toUTCString());
});

test('refuses keys that it does not know, and temporary ones without their token', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const unknown = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' };
  const { accessKeyId, secretAccessKey } = aws.sessionOf(admin);
  for (const keys of [
    unknown,
    { accessKeyId, secretAccessKey },
    { accessKeyId, secretAccessKey, sessionToken: aws.sessionOf(admin).sessionToken! },
    { ...aws.keysOf(ann), sessionToken: 'left over' },
  ]) {
    const message = 'The security token included in the request is invalid.';
    const fromSts = await askSts(aws, keys, getCaller);
    expect(fromSts).toMatchObject({ status: 403, code: 'InvalidClientTokenId', message });
    const fromEcr = await askEcr(aws, keys, getToken);
    expect(fromEcr).toMatchObject({ status: 400, code: 'UnrecognizedClientException', message });
  }
});

test('refuses temporary keys that have run out', async () => {
  const aws = await serveAws();
  const old = aws.sessionOf(admin, { expiration: new Date(Date.now() - 1000) });
  const recent = aws.sessionOf(admin);
  expect(await askSts(aws, recent, getCaller)).toMatchObject({ status: 200 });
  aws.expireSessions();
  for (const keys of [old, recent]) {
    const fromSts = await askSts(aws, keys, getCaller);
    expect(fromSts).toMatchObject({ status: 403, code: 'ExpiredToken' });
    const fromEcr = await askEcr(aws, keys, getToken);
    expect(fromEcr).toMatchObject({ status: 400, code: 'ExpiredTokenException' });
  }
});
