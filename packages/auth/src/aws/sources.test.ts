import { Secret } from '@teleport-plugins/secrets';
import { serveAws, type Aws as Emulator } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import type { AwsOptions } from './aws.js';
import { refusalOf } from './test/failure-of.js';
import {
  account,
  admin,
  adminSession,
  ann,
  become,
  keyVariables,
  opened,
  whoIs,
} from './test/person.js';
import { serveScript } from './test/scripted.js';

function keysInFile({ accessKeyId, secretAccessKey }: ReturnType<Emulator['keysOf']>): string {
  return `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}

test('variables have keys', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }] });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  expect(await whoIs(emulator)).toBe(ann);
});

test('variables have keys that run out', async () => {
  const emulator = await serveAws({ roles: [{ arn: admin, trust: [] }] });
  await become({ variables: keyVariables(emulator.sessionOf(admin, { name: 'ann' })) });
  expect(await whoIs(emulator)).toBe(adminSession);
});

test('keys of variables that have run out are refused, and that is the end of it', async () => {
  const emulator = await serveAws({ roles: [{ arn: admin, trust: [] }] });
  const expiration = new Date(Date.now() - 1000);
  const keys = emulator.sessionOf(admin, { expiration });
  await become({
    variables: { ...keyVariables(keys), AWS_CREDENTIAL_EXPIRATION: expiration.toISOString() },
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-expired',
    'sts:GetCallerIdentity as the owner of AWS_ACCESS_KEY_ID: the credentials have expired; get new ones (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) and try again',
  ]);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
});

test('a profile has keys, and goes before those of variables', async () => {
  const bob = `arn:aws:iam::${account}:user/bob`;
  const emulator = await serveAws({ users: [{ arn: ann }, { arn: bob }] });
  await become({
    variables: { ...keyVariables(emulator.keysOf(bob)), AWS_PROFILE: 'work' },
    config: `[profile work]\n${keysInFile(emulator.keysOf(ann))}`,
  });
  expect(await whoIs(emulator)).toBe(ann);
});

test('the profile that is asked for goes before AWS_PROFILE', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }] });
  await become({
    variables: { AWS_PROFILE: 'other' },
    config: `[profile work]\n${keysInFile(emulator.keysOf(ann))}`,
  });
  const aws = opened(emulator, { profile: 'work' });
  expect((await aws.session().identity()).arn).toBe(ann);
});

test('a profile assumes a role with the keys of another', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: `[profile keys]\n${keysInFile(emulator.keysOf(ann))}
[profile release]\nrole_arn = ${admin}\nsource_profile = keys\nrole_session_name = ann\n`,
  });
  expect(await whoIs(emulator)).toBe(adminSession);
  expect(emulator.calls.sts).toEqual(['AssumeRole', 'GetCallerIdentity']);
});

test.each<[string, Partial<AwsOptions>, string]>([
  ['the user', { user: 'ann', variables: {} }, 'ann'],
  ['what the variables call the user', { variables: { USER: 'ann' } }, 'ann'],
  [
    'the build in CI',
    { user: 'root', variables: { DRONE_REPO: 'acme/app', DRONE_BUILD_NUMBER: '7' } },
    'drone-acme-app-7',
  ],
  [
    'AWS_ROLE_SESSION_NAME',
    { user: 'ann', variables: { AWS_ROLE_SESSION_NAME: 'nightly' } },
    'nightly',
  ],
])(
  'a session of a role that a profile names without role_session_name is named after %s',
  async (_what, options, name) => {
    const users = [{ arn: ann }];
    const emulator = await serveAws({ users, roles: [{ arn: admin, trust: [ann] }] });
    await become({
      config: `[profile keys]\n${keysInFile(emulator.keysOf(ann))}
[profile release]\nrole_arn = ${admin}\nsource_profile = keys\n`,
    });
    const { arn } = await opened(emulator, { profile: 'release', ...options })
      .session()
      .identity();
    expect(arn).toBe(adminSession.replace(/[^/]*$/, name));
  },
);

test('a profile may not assume its role', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [] }] });
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: `[profile keys]\n${keysInFile(emulator.keysOf(ann))}
[profile release]\nrole_arn = ${admin}\nsource_profile = keys\n`,
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'access-denied',
    `sts:AssumeRole on ${admin} as the profile "release": access denied; the trust policy of the role must allow it to the caller, and so must the caller's own policies`,
  ]);
});

test('a profile asks for a multi-factor code', async () => {
  const serialNumber = `arn:aws:iam::${account}:mfa/ann`;
  const emulator = await serveAws({
    users: [{ arn: ann, mfa: { serialNumber, code: '123456' } }],
    roles: [{ arn: admin, trust: [ann] }],
  });
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: `[profile keys]\n${keysInFile(emulator.keysOf(ann))}
[profile release]\nrole_arn = ${admin}\nsource_profile = keys\nrole_session_name = ann\nmfa_serial = ${serialNumber}\n`,
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'mfa-needed',
    `AWS credentials of the profile "release": a code of the multi-factor device ${serialNumber} is needed; give one with --mfa-code`,
  ]);
  const aws = opened(emulator, { mfaCode: new Secret('123456') });
  expect((await aws.session().identity()).arn).toBe(adminSession);
  expect(
    emulator.calls.all.find(({ action }) => action === 'AssumeRole')?.parameters,
  ).toMatchObject({ SerialNumber: serialNumber });
});

test('a container has a role', async () => {
  const emulator = await serveAws({ roles: [{ arn: admin, trust: [] }] });
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = emulator.sessionOf(admin, {
    name: 'ann',
  });
  const body = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration?.toISOString(),
  };
  const { endpoint } = await serveScript(() => ({ body: JSON.stringify(body) }));
  await become({
    variables: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials` },
  });
  expect(await whoIs(emulator)).toBe(adminSession);
});
