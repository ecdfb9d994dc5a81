import { expect, test } from 'vitest';

import type { AwsCredentials } from '../options.js';
import { serveAws, type Aws } from '../serve.js';
import { askSts, elementIn } from '../test/client.js';
import { account, admin } from '../test/world.js';
import { ssoRoleArn } from './role-credentials.js';

const role = { account, name: 'PowerUser' };
const user = { name: 'ann@example.com', roles: [role] };

test('gives keys for a role of the user, which can assume another for an hour', async () => {
  const aws = await serveAws();
  const { roleCredentials } = await credentials(aws, aws.ssoAccessToken(user));
  const caller = await askSts(aws, roleCredentials, { Action: 'GetCallerIdentity' });
  expect(elementIn(caller, 'Arn')).toMatch(
    /:assumed-role\/AWSReservedSSO_PowerUser_[0-9a-f]{16}\/ann@example.com$/,
  );
  expect(aws.calls.sso).toEqual(['GetRoleCredentials']);
});

test('the role can be trusted by its ARN', async () => {
  const aws = await serveAws({ roles: [{ arn: admin, trust: [ssoRoleArn(role)] }] });
  const { roleCredentials } = await credentials(aws, aws.ssoAccessToken(user));
  const assume = { Action: 'AssumeRole', RoleArn: admin, RoleSessionName: 'ann' };
  const answer = await askSts(aws, roleCredentials, assume);
  expect(answer.status).toBe(200);
  const long = await askSts(aws, roleCredentials, { ...assume, DurationSeconds: '7200' });
  expect(long.message).toMatch(/role chaining/);
});

test('refuses a token that has run out or was never given, and a role that is not the user’s', async () => {
  const aws = await serveAws();
  const old = aws.ssoAccessToken(user, { expiresAt: new Date(Date.now() - 1000) });
  for (const token of [old, 'unknown']) {
    expect(await credentials(aws, token)).toEqual({
      __type: 'UnauthorizedException',
      message: 'Session token not found or invalid',
    });
  }
  const other = await credentials(aws, aws.ssoAccessToken(user), 'Admin');
  expect(other).toMatchObject({ __type: 'ForbiddenException' });
  expect(aws.calls.all.map(({ outcome }) => outcome)).toEqual([
    ...['UnauthorizedException', 'UnauthorizedException', 'ForbiddenException'],
  ]);
});

async function credentials(aws: Aws, token: string, name = role.name) {
  const query = new URLSearchParams({ account_id: account, role_name: name }).toString();
  const response = await fetch(`${aws.endpoint}/federation/credentials?${query}`, {
    headers: { 'x-amz-sso_bearer_token': token },
  });
  return (await response.json()) as { readonly roleCredentials: AwsCredentials };
}
