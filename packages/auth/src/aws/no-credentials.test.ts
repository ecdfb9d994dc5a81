import { join } from 'node:path';

import { serveAws } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { failureOf, refusalOf } from './test/failure-of.js';
import { admin, ann, become, keyVariables, opened, whoIs } from './test/person.js';
import { serveScript } from './test/scripted.js';

test('there are no credentials', async () => {
  const emulator = await serveAws();
  await become({});
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-missing',
    'AWS credentials: there are none: no variables, no profile, no token file, no role of a container or an instance; run "aws sso login --profile NAME" and set AWS_PROFILE=NAME, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ]);
});

test('there is no such profile', async () => {
  const emulator = await serveAws();
  await become({ variables: { AWS_PROFILE: 'releese' }, config: '[profile release]\n' });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-missing',
    'AWS credentials of the profile "releese": there is no such profile, or nothing in it that gives any; check it in ~/.aws/config and ~/.aws/credentials, or name another one with AWS_PROFILE',
  ]);
});

test('a program for credentials fails', async () => {
  const emulator = await serveAws();
  await become({
    variables: (home) => ({ AWS_PROFILE: 'release', AWS_CONFIG_FILE: join(home, 'elsewhere') }),
    files: { elsewhere: '[profile release]\ncredential_process = /bin/false --for ann\n' },
  });
  const error = await failureOf(whoIs(emulator));
  expect([error.code, error.message]).toEqual([
    'credentials-unavailable',
    `AWS credentials of the profile "release": its credential_process fails ("Command failed: /bin/false"); run what ${process.env.AWS_CONFIG_FILE} has there to see why, and correct it`,
  ]);
  expect(error.cause).toMatchObject({ message: 'Command failed: /bin/false' });
});

test('so does that of the profile that nobody has to name', async () => {
  const emulator = await serveAws();
  await become({ config: '[default]\ncredential_process = echo {}\n' });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-unavailable',
    'AWS credentials of the profile "default": they cannot be had ("Profile default credential_process did not return Version 1."); correct that in ~/.aws/config',
  ]);
});

test('a profile points to one that is not there', async () => {
  const emulator = await serveAws();
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: `[profile release]\nrole_arn = ${admin}\nsource_profile = keys\n`,
  });
  const error = await failureOf(whoIs(emulator));
  const said =
    'Could not resolve credentials using profile: [keys] in configuration/credentials file(s).';
  expect([error.code, error.message]).toEqual([
    'credentials-unavailable',
    `AWS credentials of the profile "release": they cannot be had ("${said}"); correct that in ~/.aws/config`,
  ]);
  expect(error.cause).toMatchObject({ message: said });
});

const nobody = 'http://127.0.0.1:1';
const keys = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' };
const profile = '\naws_access_key_id = A\naws_secret_access_key = s\n';
test.each<[string, Parameters<typeof become>[0]]>([
  ['the owner of AWS_ACCESS_KEY_ID', { variables: keys }],
  [
    'the profile "work"',
    { variables: { ...keys, AWS_PROFILE: 'work' }, config: `[profile work]${profile}` },
  ],
  ['the profile "default"', { config: `[default]${profile}` }],
])('as long as AWS cannot be asked, who it is is %s', async (who, belongings) => {
  await become(belongings);
  expect(await refusalOf(opened({ endpoint: nobody }).session().identity())).toEqual([
    'unreachable',
    `sts:GetCallerIdentity as ${who}: 127.0.0.1:1 cannot be reached (ECONNREFUSED); check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL`,
  ]);
});

test('as long as AWS cannot be asked, who it is may be the role of a container', async () => {
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  const body = JSON.stringify({ AccessKeyId: 'A', SecretAccessKey: 's', Token: 't', Expiration });
  const { endpoint } = await serveScript(() => ({ body }));
  await become({ variables: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials` } });
  const [, message] = await refusalOf(opened({ endpoint: nobody }).session().identity());
  expect(message).toMatch(/^sts:GetCallerIdentity as the role of this container: 127\.0\.0\.1:1 /);
});

test('AWS does not know the keys', async () => {
  const emulator = await serveAws();
  await become({
    variables: { AWS_ACCESS_KEY_ID: 'AKIAAAAAAAAAAAAAAAAA', AWS_SECRET_ACCESS_KEY: 'secret' },
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-invalid',
    `sts:GetCallerIdentity as the owner of AWS_ACCESS_KEY_ID: ${new URL(emulator.endpoint).host} does not accept the credentials (InvalidClientTokenId); check that access key, secret key and session token are active and belong together`,
  ]);
});

test('the secret key is another one', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }] });
  const keys = { ...emulator.keysOf(ann), secretAccessKey: 'other' };
  await become({ variables: keyVariables(keys) });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-invalid',
    `sts:GetCallerIdentity as the owner of AWS_ACCESS_KEY_ID: ${new URL(emulator.endpoint).host} does not accept the credentials (SignatureDoesNotMatch); check that access key, secret key and session token are active and belong together`,
  ]);
});
