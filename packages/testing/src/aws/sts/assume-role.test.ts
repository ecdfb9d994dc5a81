import { describe, expect, test } from 'vitest';

import type { AwsRole, AwsUser } from '../options.js';
import type { PolicyStatement } from '../policy.js';
import { serveAws, type Aws } from '../serve.js';
import { askEcr, askSts, elementIn, type ApiAnswer } from '../test/client.js';
import { account, admin, allowing, ann, bob, reader } from '../test/world.js';

test('gives keys of a session, which say who they are', async () => {
  const aws = await released();
  const answer = await assume(aws, { DurationSeconds: '900' });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatch(
    /^<AssumeRoleResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/"><AssumeRoleResult>/,
  );
  const arn = `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/ann`;
  expect(elementIn(answer, 'Arn')).toBe(arn);
  const lifetime = Date.parse(elementIn(answer, 'Expiration')!) - Date.now();
  expect(Math.round(lifetime / 60_000)).toBe(15);
  expect(elementIn(answer, 'Expiration')).toMatch(/:\d\dZ$/);
  const caller = await askSts(aws, keysIn(answer), { Action: 'GetCallerIdentity' });
  expect(elementIn(caller, 'Arn')).toBe(arn);
  expect(aws.calls.sts).toEqual(['AssumeRole', 'GetCallerIdentity']);
  expect(aws.calls.all.map(({ by }) => by)).toEqual([ann, arn]);
});

test.each([
  ['an unknown role', ann, admin.replace('admin', 'nobody')],
  ['a role that trusts somebody else', bob, admin],
])('refuses %s, in the same words', async (_, user, role) => {
  const aws = await released();
  const answer = await assume(aws, { RoleArn: role }, aws.keysOf(user));
  expect(answer).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
  });
});

test('refuses somebody whose own policy does not allow it', async () => {
  const aws = await released({ user: { policy: allowing(['sts:AssumeRole'], [reader]) } });
  expect(await assume(aws)).toMatchObject({ status: 403, code: 'AccessDenied' });
  expect(await assume(aws, { RoleArn: reader })).toMatchObject({ status: 200 });
});

test.each([
  [{ RoleSessionName: 'ann@work/1' }, /at 'roleSessionName' .* pattern: \[\\w\+=,\.@-\]\*$/],
  [{ RoleSessionName: 'a' }, /at 'roleSessionName' .* length greater than or equal to 2$/],
  [{ RoleSessionName: 'a'.repeat(65) }, /at 'roleSessionName' .* length less than or equal to 64$/],
  [{ DurationSeconds: '899' }, /at 'durationSeconds' .* value greater than or equal to 900$/],
  [{ DurationSeconds: '43201' }, /at 'durationSeconds' .* value less than or equal to 43200$/],
  [{ DurationSeconds: '3601' }, /exceeds the MaxSessionDuration set for this role\.$/],
  [{ RoleArn: `arn:aws:iam::${account}:user/ann` }, /is invalid$/],
  [{ SourceIdentity: 'ann smith' }, /at 'sourceIdentity' .* pattern/],
  [{ Policy: ' '.repeat(2049) }, /at 'policy' .* length less than or equal to 2048$/],
])('refuses what is not valid: %j', async (parameters, message) => {
  const answer = await assume(await released(), parameters);
  expect(answer).toMatchObject({ status: 400, code: 'ValidationError' });
  expect(answer.message).toMatch(message);
});

test('gives longer sessions of a role that has them, but an hour to a session of another role', async () => {
  const aws = await released({ role: { maxSessionDuration: 43_200, trust: [ann, reader] } });
  const long = { DurationSeconds: '43200' };
  expect(await assume(aws, long)).toMatchObject({ status: 200 });
  const chained = aws.sessionOf(reader);
  expect(await assume(aws, long, chained)).toMatchObject({
    code: 'ValidationError',
    message:
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  });
  expect(await assume(aws, { DurationSeconds: '3600' }, chained)).toMatchObject({ status: 200 });
});

test('refuses a session policy that is none', async () => {
  const answer = await assume(await released(), { Policy: '{"Statement":{}}' });
  expect(answer).toMatchObject({ status: 400, code: 'MalformedPolicyDocument' });
});

test('lets a session do what both its role and its policy allow', async () => {
  const aws = await released({ role: { policy: allowing(['ecr:*']) } });
  const policy = JSON.stringify(allowing(['ecr:GetAuthorizationToken', 'ecr-public:*']));
  const assumed = await assume(aws, { Policy: policy });
  expect(Number(elementIn(assumed, 'PackedPolicySize'))).toBeGreaterThan(0);
  const keys = keysIn(assumed);
  const arn = `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/ann`;
  expect(await askEcr(aws, keys, ['ecr', 'GetAuthorizationToken'])).toMatchObject({ status: 200 });
  expect(await askEcr(aws, keys, ['ecr', 'DescribeRepositories'])).toMatchObject({
    code: 'AccessDeniedException',
    message: `User: ${arn} is not authorized to perform: ecr:DescribeRepositories on resource: arn:aws:ecr:us-west-2:${account}:repository/* because no session policy allows the ecr:DescribeRepositories action`,
  });
  expect(await askEcr(aws, keys, ['ecr-public', 'GetAuthorizationToken'])).toMatchObject({
    code: 'AccessDeniedException',
    message: `User: ${arn} is not authorized to perform: ecr-public:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr-public:GetAuthorizationToken action`,
  });
});

describe('a trust policy', () => {
  const trusting = (statement: Partial<PolicyStatement>) => ({
    Version: '2012-10-17',
    Statement: [
      {
        ...({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` } } as const),
        ...{ Action: 'sts:AssumeRole', ...statement },
      },
    ],
  });

  test('can want an external id', async () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'plugins-1' } };
    const aws = await released({ role: { trust: trusting({ Condition }) } });
    expect(await assume(aws)).toMatchObject({ code: 'AccessDenied' });
    expect(await assume(aws, { ExternalId: 'other' })).toMatchObject({ code: 'AccessDenied' });
    expect(await assume(aws, { ExternalId: 'plugins-1' })).toMatchObject({ status: 200 });
  });

  test('can want a code, which has to be right and is in no log', async () => {
    const Condition = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    const serialNumber = `arn:aws:iam::${account}:mfa/ann`;
    const aws = await released({
      user: { mfa: { serialNumber, code: '123456' } },
      role: { trust: trusting({ Condition }) },
    });
    expect(await assume(aws)).toMatchObject({ code: 'AccessDenied' });
    const wrong = await assume(aws, { SerialNumber: serialNumber, TokenCode: '000000' });
    expect(wrong).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringMatching(/invalid MFA/) as string,
    });
    const right = await assume(aws, { SerialNumber: serialNumber, TokenCode: '123456' });
    expect(right).toMatchObject({ status: 200 });
    expect(JSON.stringify(aws.calls.all)).not.toMatch(/123456/);
  });

  test('has to allow tags and a source identity', async () => {
    const tags = { 'Tags.member.1.Key': 'project', 'Tags.member.1.Value': 'plugins' };
    const strict = await released({ role: { trust: trusting({}) } });
    expect(await assume(strict, tags)).toMatchObject({
      message: expect.stringMatching(/sts:TagSession/) as string,
    });
    expect(await assume(strict, { SourceIdentity: 'ann' })).toMatchObject({
      message: expect.stringMatching(/sts:SetSourceIdentity/) as string,
    });
    const Condition = { StringEquals: { 'aws:RequestTag/project': 'plugins' } };
    const Action = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
    const trust = trusting({ Action, Condition });
    const lenient = await released({ role: { trust } });
    const answer = await assume(lenient, { ...tags, SourceIdentity: 'ann' });
    expect(elementIn(answer, 'SourceIdentity')).toBe('ann');
    expect(await assume(lenient)).toMatchObject({ code: 'AccessDenied' });
  });
});

function released(
  changes: { user?: Partial<AwsUser>; role?: Partial<AwsRole> } = {},
): Promise<Aws> {
  return serveAws({
    users: [{ arn: ann, ...changes.user }, { arn: bob }],
    roles: [
      { arn: admin, trust: [ann], ...changes.role },
      { arn: reader, trust: [ann] },
    ],
  });
}

function assume(
  aws: Aws,
  parameters: Readonly<Record<string, string>> = {},
  keys = aws.keysOf(ann),
): Promise<ApiAnswer> {
  const common = { Action: 'AssumeRole', RoleArn: admin, RoleSessionName: 'ann' };
  return askSts(aws, keys, { ...common, ...parameters });
}

function keysIn(answer: ApiAnswer) {
  return {
    accessKeyId: elementIn(answer, 'AccessKeyId')!,
    secretAccessKey: elementIn(answer, 'SecretAccessKey')!,
    sessionToken: elementIn(answer, 'SessionToken')!,
  };
}
