import { serveAws, type AwsOptions as EmulatorOptions } from '@teleport-plugins/testing';
import { expect, test, vi } from 'vitest';

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
import { serveScript } from '../aws/test/scripted.js';
import { ecrRegistryOf } from './hostname.js';
import type { EcrToken } from './request-token.js';
import { ecrCredentials, type EcrTokenCache } from './tokens.js';

const staging = `${account}.dkr.ecr.us-west-2.amazonaws.com`;
const registryAt = (host: string) => ecrRegistryOf(host)!;

async function annInAws(options: EmulatorOptions = {}) {
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann] }],
    ...options,
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  return emulator;
}

/** What is handed out, in one line. */
async function shownBy(provider: ReturnType<typeof ecrCredentials>, host = staging) {
  const credential = await provider(host);
  return credential.kind === 'basic'
    ? `${credential.username} ${credential.password.reveal()}`
    : credential.kind;
}

test('one token is obtained for all who ask, of each registry, with one session', async () => {
  const emulator = await annInAws();
  const session = opened(emulator).session(asAdmin);
  const hosts = [staging, 'public.ecr.aws'];
  const providers = hosts.map((host) => ecrCredentials(session, registryAt(host)));
  const everybody = Array.from({ length: 10 }, () => providers).flat();
  const all = await Promise.all(everybody.map((provider) => shownBy(provider)));
  expect(new Set(all).size).toBe(2);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
  expect(emulator.calls.ecr).toEqual(['GetAuthorizationToken']);
  expect(emulator.calls.ecrPublic).toEqual(['GetAuthorizationToken']);
  expect(emulator.calls.all.at(-1)?.by).toBe(adminSession);
});

test('tokens are obtained where the registry is, whatever region is set', async () => {
  const emulator = await annInAws();
  vi.stubEnv('AWS_REGION', 'eu-north-1');
  vi.stubEnv('AWS_DEFAULT_REGION', 'eu-north-1');
  const session = opened(emulator).session(asAdmin);
  const hosts = [
    staging,
    '999999999999.dkr.ecr.ap-southeast-2.amazonaws.com',
    `${account}.dkr-ecr.eu-central-1.on.aws`,
    'public.ecr.aws',
  ];
  await Promise.all(hosts.map((host) => ecrCredentials(session, registryAt(host))(host)));
  const regions = emulator.calls.all
    .filter(({ action }) => action === 'GetAuthorizationToken')
    .map(({ service, region }) => `${service} ${region ?? ''}`);
  expect(regions.sort()).toEqual([
    'ecr ap-southeast-2',
    'ecr eu-central-1',
    'ecr us-west-2',
    'ecr-public us-east-1',
  ]);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});

test('a token is replaced five minutes before it runs out', async () => {
  const emulator = await annInAws();
  const start = Date.now();
  let now = start;
  const clock = { now: () => new Date(now) };
  const session = opened(emulator).session(asAdmin);
  const provider = ecrCredentials(session, registryAt(staging), clock);
  const first = await shownBy(provider);
  now = start + (12 * 60 - 6) * 60_000;
  expect(await shownBy(provider)).toBe(first);
  now = start + (12 * 60 - 4) * 60_000;
  expect(await shownBy(provider)).not.toBe(first);
  expect(emulator.calls.ecr).toHaveLength(2);
});

test('a token that has been refused is replaced, once for all whom it was refused to', async () => {
  const emulator = await annInAws();
  const provider = ecrCredentials(opened(emulator).session(asAdmin), registryAt(staging));
  const refused = await provider(staging);
  const first = await shownBy(provider);
  const others = await Promise.all(
    Array.from({ length: 10 }, () => shownBy((host) => provider(host, { refused }))),
  );
  expect(new Set(others).size).toBe(1);
  expect(others[0]).not.toBe(first);
  expect(emulator.calls.ecr).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
  // Who comes late with the old one gets the one that is there by then.
  expect(await shownBy((host) => provider(host, { refused }))).toBe(others[0]);
  expect(emulator.calls.ecr).toHaveLength(2);
});

test('a password may hold colons', async () => {
  const emulator = await annInAws({ passwordsWithColons: true });
  const provider = ecrCredentials(opened(emulator).session(asAdmin), registryAt(staging));
  expect(await shownBy(provider)).toMatch(/^AWS [^:]{300,}:[^:]+$/);
});

test('a token shows itself in nothing that is printed', async () => {
  const emulator = await annInAws();
  const provider = ecrCredentials(opened(emulator).session(asAdmin), registryAt(staging));
  expect(JSON.stringify(await provider(staging))).toBe(
    '{"kind":"basic","username":"AWS","password":"[secret]"}',
  );
});

test('sessions that end in the middle are begun again', async () => {
  const emulator = await annInAws();
  const session = opened(emulator).session(asAdmin);
  await ecrCredentials(session, registryAt(staging))(staging);
  emulator.expireSessions();
  await ecrCredentials(session, registryAt('public.ecr.aws'))('public.ecr.aws');
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole', 'AssumeRole']);
});

test('who goes away does not end it for those who wait', async () => {
  const emulator = await annInAws();
  const provider = ecrCredentials(opened(emulator).session(asAdmin), registryAt(staging));
  const leaving = new AbortController();
  const gone = provider(staging, { signal: leaving.signal });
  const stays = provider(staging);
  leaving.abort(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  expect((await stays).kind).toBe('basic');
  expect(emulator.calls.ecr).toEqual(['GetAuthorizationToken']);
});

test('a cache is asked first, with a key that tells sessions and registries apart', async () => {
  const emulator = await annInAws();
  const tokens = new Map<string, EcrToken>();
  const cache: EcrTokenCache = {
    async get(key, { obtain, isStale, signal }) {
      const known = tokens.get(key);
      const token = known && !isStale(known) ? known : await obtain(signal);
      tokens.set(key, token);
      return token;
    },
  };
  // Two processes, one after the other.
  const process = () => opened(emulator).session(asAdmin);
  const [first, second] = [process(), process()];
  const token = await shownBy(ecrCredentials(first, registryAt(staging), { cache }));
  const again = ecrCredentials(second, registryAt(staging), { cache });
  expect(await shownBy(again)).toBe(token);
  expect(emulator.calls.ecr).toEqual(['GetAuthorizationToken']);

  await again(staging, { refused: await again(staging) });
  expect(emulator.calls.ecr).toHaveLength(2);
  await ecrCredentials(second, registryAt('public.ecr.aws'), { cache })('public.ecr.aws');
  const asAnn = opened(emulator).session({ account });
  await ecrCredentials(asAnn, registryAt(staging), { cache })(staging);
  expect(tokens.size).toBe(3);
});

const where = `registry ${account} in us-west-2`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const tomorrow = Date.now() / 1000 + 86_400;

/** Tokens of an ECR that answers so. */
async function answeredWith(body: string) {
  const emulator = await annInAws();
  const { endpoint } = await serveScript(() => ({ body }));
  const endpoints = { sts: emulator.endpoint, ecr: endpoint };
  return ecrCredentials(opened(emulator, { endpoints }).session(asAdmin), registryAt(staging));
}

test.each([
  ['a list', [], 'has no token'],
  ['nothing', null, 'has no token'],
  ['no data', {}, 'has no token'],
  ['an empty list', { authorizationData: [] }, 'has no token'],
  ['data that is a number', { authorizationData: 7 }, 'has no token'],
  ['no token', { authorizationData: [{ expiresAt: tomorrow }] }, 'has no token'],
  [
    'no end',
    { authorizationData: [{ authorizationToken: base64('AWS:opensesame') }] },
    'does not say when the token expires',
  ],
  [
    'a token that is not base64',
    { authorizationData: [{ authorizationToken: 'AWS:opensesame', expiresAt: tomorrow }] },
    'has a token that is not base64',
  ],
  [
    'a token without a user',
    { authorizationData: [{ authorizationToken: base64(':opensesame'), expiresAt: tomorrow }] },
    'has a token that is not a user and a password',
  ],
  [
    'a token without a colon',
    { authorizationData: [{ authorizationToken: base64('opensesame'), expiresAt: tomorrow }] },
    'has a token that is not a user and a password',
  ],
  [
    'a token without a password',
    { authorizationData: [{ authorizationToken: base64('AWS:'), expiresAt: tomorrow }] },
    'has a token that is not a user and a password',
  ],
])('an answer with %s is one clear error', async (_, answer, what) => {
  const provider = await answeredWith(JSON.stringify(answer));
  expect(await refusalOf(provider(staging))).toEqual([
    'answer-invalid',
    `ecr:GetAuthorizationToken on ${where}: the answer ${what}; see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)`,
  ]);
});

test.each([
  ['text', 'hello'],
  ['a page', '<html>Sign in to the hotel</html>'],
  ['half an object', '{"authorizationData":[{"authorizationToken":"b3BlbnNlc2FtZQ'],
  [
    'an end that is a text',
    '{"authorizationData":[{"authorizationToken":"QVdTOng=","expiresAt":"soon"}]}',
  ],
])('an answer that is %s is one clear error', async (_, body) => {
  const provider = await answeredWith(body);
  const [code, message] = await refusalOf(provider(staging));
  expect([code, message.replace(/127\.0\.0\.1:\d+/, 'HOST')]).toEqual([
    'answer-invalid',
    `ecr:GetAuthorizationToken on ${where} as ${adminSession}: the answer of HOST is not one of AWS's; see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)`,
  ]);
});
