import { createHash } from 'node:crypto';

import { serveAws, type Aws as Emulator } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { refusalOf } from './test/failure-of.js';
import { account, become, whoIs } from './test/person.js';

const sso = `sso_account_id = ${account}
sso_role_name = Plugin-Release-Engineers
`;
const ssoStyles = [
  {
    style: 'a session',
    config: `[sso-session teleport]
sso_start_url = https://teleport.awsapps.com/start
sso_region = us-west-2
[profile release]
sso_session = teleport
${sso}`,
    cached: 'teleport',
  },
  {
    style: 'a start address',
    config: `[profile release]
sso_start_url = https://teleport.awsapps.com/start
sso_region = us-west-2
${sso}`,
    cached: 'https://teleport.awsapps.com/start',
  },
] as const;

function cacheFile(cached: string): string {
  const name = createHash('sha1').update(cached).digest('hex');
  return `.aws/sso/cache/${name}.json`;
}

describe.each(ssoStyles)('a profile with $style of SSO', ({ config, cached }) => {
  const role = { account, name: 'Plugin-Release-Engineers' };
  const user = { name: 'ann@example.com', roles: [role] };
  const becomeAnn = (emulator: Emulator, files: Readonly<Record<string, string>>) =>
    become({
      variables: { AWS_PROFILE: 'release', AWS_ENDPOINT_URL_SSO: emulator.endpoint },
      config,
      files,
    });
  const tokenFile = (accessToken: string, expiresAt: Date) => ({
    [cacheFile(cached)]: JSON.stringify({ accessToken, expiresAt: expiresAt.toISOString() }),
  });
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const loginNeeded = [
    'login-needed',
    'AWS credentials of the profile "release": the SSO session has expired, or there is none; run "aws sso login --profile release" and try again',
  ];

  test('that is valid', async () => {
    const emulator = await serveAws();
    await becomeAnn(emulator, tokenFile(emulator.ssoAccessToken(user), inHours(8)));
    expect(await whoIs(emulator)).toMatch(
      /:assumed-role\/AWSReservedSSO_Plugin-Release-Engineers_\w+\/ann@example\.com$/,
    );
    expect(emulator.calls.sso).toEqual(['GetRoleCredentials']);
    expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
  });

  test('that has expired', async () => {
    const emulator = await serveAws();
    await becomeAnn(emulator, tokenFile(emulator.ssoAccessToken(user), inHours(-1)));
    expect(await refusalOf(whoIs(emulator))).toEqual(loginNeeded);
    expect(emulator.calls.all).toEqual([]);
  });

  test('that has been ended elsewhere', async () => {
    const emulator = await serveAws();
    const token = emulator.ssoAccessToken(user, { expiresAt: inHours(-1) });
    await becomeAnn(emulator, tokenFile(token, inHours(8)));
    expect(await refusalOf(whoIs(emulator))).toEqual(loginNeeded);
  });

  test('that was never begun', async () => {
    const emulator = await serveAws();
    await becomeAnn(emulator, {});
    expect(await refusalOf(whoIs(emulator))).toEqual(loginNeeded);
  });

  test('that does not have the role', async () => {
    const emulator = await serveAws();
    const token = emulator.ssoAccessToken({ ...user, roles: [] });
    await becomeAnn(emulator, tokenFile(token, inHours(8)));
    expect(await refusalOf(whoIs(emulator))).toEqual([
      'access-denied',
      'AWS credentials of the profile "release": IAM Identity Center does not let this user have that role of that account; check sso_account_id and sso_role_name of the profile, or request access',
    ]);
  });

  test('whose service answers nonsense', async () => {
    const emulator = await serveAws();
    emulator.misbehave({ service: 'sso', as: 'html-503' });
    await becomeAnn(emulator, tokenFile(emulator.ssoAccessToken(user), inHours(8)));
    expect(await refusalOf(whoIs(emulator))).toEqual([
      'answer-invalid',
      `AWS credentials of the profile "release": the answer is not one of AWS's; see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)`,
    ]);
    expect(emulator.calls.sso.length).toBe(5);
  });
});

test('the service of SSO cannot be reached', async () => {
  const emulator = await serveAws();
  const [{ config, cached }] = ssoStyles;
  const token = emulator.ssoAccessToken({ name: 'ann', roles: [] });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await become({
    variables: { AWS_PROFILE: 'release', AWS_ENDPOINT_URL_SSO: 'http://127.0.0.1:1' },
    config,
    files: { [cacheFile(cached)]: JSON.stringify({ accessToken: token, expiresAt }) },
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'unreachable',
    'AWS credentials of the profile "release": 127.0.0.1:1 cannot be reached (ECONNREFUSED); check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL',
  ]);
});

test('the profile names an SSO session that is nowhere', async () => {
  const emulator = await serveAws();
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: `[profile release]\nsso_session = teleport\n${sso}`,
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-unavailable',
    'AWS credentials of the profile "release": the AWS configuration is not complete; check it in ~/.aws/config, and what its sso_session and source_profile point to',
  ]);
});
