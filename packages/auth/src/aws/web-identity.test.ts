import { join } from 'node:path';

import { serveAws } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { refusalOf } from './test/failure-of.js';
import { account, admin, adminSession, become, opened, whoIs } from './test/person.js';

const issuer = 'token.actions.githubusercontent.com';
const subject = 'repo:gravitational/teleport-plugins:environment:production';
const ofGitHub = {
  arn: admin,
  trust: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: subject,
          },
        },
      },
    ],
  },
} as const;
const claims = { iss: `https://${issuer}`, aud: 'sts.amazonaws.com', sub: subject };

/** Makes this process one of CI, with this in the file of its token. */
function becomeBuild(token: string, others = {}): Promise<void> {
  return become({
    files: { token },
    variables: (home) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
      AWS_ROLE_ARN: admin,
      AWS_ROLE_SESSION_NAME: 'ann',
      ...others,
    }),
  });
}

test.each(['', '\n', '\r\n'])(
  'a web identity token is in a file that ends with %j',
  async (end) => {
    const emulator = await serveAws({ roles: [ofGitHub] });
    await becomeBuild(emulator.webIdentityToken(claims) + end);
    expect(await whoIs(emulator)).toBe(adminSession);
    expect(emulator.calls.sts).toEqual(['AssumeRoleWithWebIdentity', 'GetCallerIdentity']);
  },
);

test('a session that the environment gives no name is named after the build', async () => {
  const emulator = await serveAws({ roles: [ofGitHub] });
  await becomeBuild(emulator.webIdentityToken(claims), { AWS_ROLE_SESSION_NAME: '' });
  const variables = { GITHUB_REPOSITORY: 'acme/app', GITHUB_RUN_ID: '7' };
  const { arn } = await opened(emulator, { variables }).session().identity();
  expect(arn).toBe(adminSession.replace(/[^/]*$/, 'github-acme-app-7'));
});

test('a web identity token has expired', async () => {
  const emulator = await serveAws({ roles: [ofGitHub] });
  await becomeBuild(emulator.webIdentityToken({ ...claims, exp: 1 }));
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-expired',
    `sts:AssumeRoleWithWebIdentity on ${admin} as the bearer of the web identity token: the web identity token has expired; have CI issue a new one (AWS_WEB_IDENTITY_TOKEN_FILE)`,
  ]);
});

test('a web identity token is of somebody else', async () => {
  const emulator = await serveAws({ roles: [ofGitHub] });
  await becomeBuild(emulator.webIdentityToken({ ...claims, sub: 'repo:evil/fork' }));
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'access-denied',
    `sts:AssumeRoleWithWebIdentity on ${admin} as the bearer of the web identity token: access denied; the trust policy of the role must allow it to the token's audience (aud) and subject (sub)`,
  ]);
});

test('a web identity token is none', async () => {
  const emulator = await serveAws({ roles: [ofGitHub] });
  await becomeBuild('gibberish');
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-invalid',
    `sts:AssumeRoleWithWebIdentity on ${admin} as the bearer of the web identity token: the web identity token is not accepted ("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"); check its issuer and audience against the identity provider in IAM`,
  ]);
});

test('the file of a web identity token is not there', async () => {
  const emulator = await serveAws({ roles: [ofGitHub] });
  await become({
    variables: { AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token', AWS_ROLE_ARN: admin },
  });
  expect(await refusalOf(whoIs(emulator))).toEqual([
    'credentials-unavailable',
    'AWS credentials: /nowhere/token cannot be read (ENOENT); check AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file of the profile',
  ]);
});
