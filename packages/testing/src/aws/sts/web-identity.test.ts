import { expect, test } from 'vitest';

import { serveAws, type Aws } from '../serve.js';
import { askSts, elementIn } from '../test/client.js';
import { account, admin } from '../test/world.js';

const issuer = 'token.actions.githubusercontent.com';
const job = {
  iss: `https://${issuer}`,
  aud: 'sts.amazonaws.com',
  sub: 'repo:gravitational/teleport-plugins:environment:production',
};

/** As the documentation of GitHub and of AWS has it. */
const trust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${issuer}:aud`]: job.aud, [`${issuer}:sub`]: job.sub },
      },
    },
  ],
} as const;

test('lets the job in that the trust policy names, without a signature', async () => {
  const aws = await serveAws({ roles: [{ arn: admin, trust }] });
  const token = aws.webIdentityToken(job);
  const answer = await assume(aws, token);
  expect(answer.status).toBe(200);
  expect(elementIn(answer, 'SubjectFromWebIdentityToken')).toBe(job.sub);
  expect(elementIn(answer, 'Arn')).toBe(
    `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/build-17`,
  );
  expect(aws.calls.sts).toEqual(['AssumeRoleWithWebIdentity']);
  expect(JSON.stringify(aws.calls.all)).not.toContain(token);
});

test.each([
  ['of another branch', { sub: 'repo:gravitational/teleport-plugins:ref:refs/heads/x' }],
  ['for another audience', { aud: 'https://github.com/gravitational' }],
  ['of another issuer', { iss: 'https://example.com' }],
])('refuses a job %s', async (_, claims) => {
  const aws = await serveAws({ roles: [{ arn: admin, trust }] });
  expect(await assume(aws, aws.webIdentityToken({ ...job, ...claims }))).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  });
});

test('refuses a token that has run out, is forged, or is followed by a line break', async () => {
  const aws = await serveAws({ roles: [{ arn: admin, trust }] });
  const exp = Math.floor(Date.now() / 1000) - 1;
  expect(await assume(aws, aws.webIdentityToken({ ...job, exp }))).toMatchObject({
    code: 'ExpiredTokenException',
  });
  const other = await serveAws();
  for (const token of [other.webIdentityToken(job), `${aws.webIdentityToken(job)}\n`, 'x']) {
    expect(await assume(aws, token)).toMatchObject({ status: 400, code: 'InvalidIdentityToken' });
  }
});

function assume(aws: Aws, token: string) {
  return askSts(aws, undefined, {
    ...{ Action: 'AssumeRoleWithWebIdentity', RoleArn: admin, RoleSessionName: 'build-17' },
    WebIdentityToken: token,
  });
}
