import { Secret } from '@teleport-plugins/secrets';
import { serveAws, type AwsOptions as EmulatorOptions } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { sessionPolicy } from './policy.js';
import { failureOf, refusalOf } from './test/failure-of.js';
import {
  account,
  admin,
  adminSession,
  ann,
  asAdmin,
  become,
  keyVariables,
  opened,
} from './test/person.js';

/** AWS for ann, who may assume the role; whoever else comes by. */
async function annInAws(options: EmulatorOptions = {}) {
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann] }],
    ...options,
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  return emulator;
}

test('the role is assumed once for all who ask, and once is asked whose credentials they are', async () => {
  const emulator = await annInAws();
  const aws = opened(emulator);
  const all = await Promise.all(
    Array.from({ length: 10 }, () => aws.session({ ...asAdmin }).credentials()),
  );
  expect(new Set(all).size).toBe(1);
  expect(await aws.session(asAdmin).identity()).toEqual({
    arn: adminSession,
    account,
    userId: expect.stringMatching(/^AROA\w+:ann$/) as string,
    caller: ann,
    role: admin,
    expiresAt: all[0]?.expiration,
    notes: [],
  });
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});

test('the credentials that were found are to be had without asking AWS for anything', async () => {
  const emulator = await annInAws();
  const { accessKeyId, secretAccessKey } = emulator.keysOf(ann);
  expect(await opened(emulator).credentials()).toMatchObject({ accessKeyId, secretAccessKey });
  expect(emulator.calls.sts).toEqual([]);
});

test('without a role the caller acts, with the credentials that were found', async () => {
  const emulator = await annInAws();
  const session = opened(emulator).session({ account });
  expect(await session.identity()).toMatchObject({
    arn: ann,
    caller: ann,
    role: undefined,
    expiresAt: undefined,
    notes: [],
  });
  const { accessKeyId, secretAccessKey } = emulator.keysOf(ann);
  expect(await session.credentials()).toMatchObject({ accessKeyId, secretAccessKey });
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
});

test('sessions with other policies have credentials of their own, and the caller in common', async () => {
  const emulator = await annInAws();
  const aws = opened(emulator);
  const needs = { pull: [], push: [], create: [] };
  const arn = `arn:aws:ecr:us-west-2:${account}:repository/acme/app`;
  const pulling = aws.session({ ...asAdmin, policy: sessionPolicy({ ...needs, pull: [arn] }) });
  const pushing = aws.session({ ...asAdmin, policy: sessionPolicy({ ...needs, push: [arn] }) });
  const [first, second] = [await pulling.credentials(), await pushing.credentials()];
  expect(first.accessKeyId).not.toBe(second.accessKeyId);
  expect(await pulling.key()).not.toBe(await pushing.key());
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole', 'AssumeRole']);
});

test('the role is assumed again five minutes before its session ends', async () => {
  const emulator = await annInAws();
  const start = Date.now();
  let now = start;
  const session = opened(emulator, { now: () => new Date(now) }).session(asAdmin);
  const first = await session.credentials();
  now = start + 54 * 60_000;
  expect(await session.credentials()).toBe(first);
  now = start + 56 * 60_000;
  const second = await session.credentials();
  expect(second.accessKeyId).not.toBe(first.accessKeyId);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole', 'AssumeRole']);
});

test('with a clock that is wrong by hours the role is assumed once a minute, not once a call', async () => {
  const emulator = await annInAws();
  let now = Date.now() + 5 * 3_600_000;
  const session = opened(emulator, { now: () => new Date(now) }).session(asAdmin);
  await session.credentials();
  now += 59_000;
  await session.credentials();
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});

test('what has expired before its time is renewed once, and the call repeated', async () => {
  const emulator = await annInAws();
  const session = opened(emulator).session(asAdmin);
  await session.credentials();
  emulator.expireSessions();
  let calls = 0;
  const deed = { action: 'ecr:Any', resource: 'acme' };
  const expired = Object.assign(new Error('expired'), { name: 'ExpiredTokenException' });
  const work = () => {
    calls += 1;
    return calls === 1 ? Promise.reject(expired) : Promise.resolve('done');
  };
  expect(await session.perform(deed, work)).toBe('done');
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole', 'AssumeRole']);
  const failing = session.perform(deed, () => Promise.reject(expired));
  expect((await failureOf(failing)).code).toBe('credentials-expired');
  expect(emulator.calls.sts.length).toBe(4);
});

test('a caller in another account is refused before anything is done with its credentials', async () => {
  const other = 'arn:aws:iam::999999999999:user/bob';
  const emulator = await serveAws({
    users: [{ arn: other }],
    roles: [{ arn: admin, trust: [other] }],
  });
  await become({ variables: keyVariables(emulator.keysOf(other)) });
  const refusal = [
    'account-wrong',
    `${other} is in the account 999999999999, and the environment's account is ${account}; use credentials of that account (AWS_PROFILE)`,
  ];
  const aws = opened(emulator);
  expect(await refusalOf(aws.session(asAdmin).identity())).toEqual(refusal);
  expect(await refusalOf(aws.session({ account }).credentials())).toEqual(refusal);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
});

test('a role in another account than the environment is refused before anything is asked', async () => {
  const emulator = await annInAws();
  const arn = 'arn:aws:iam::999999999999:role/admin';
  const session = opened(emulator).session({ role: { arn, sessionName: 'ann' }, account });
  expect(await refusalOf(session.credentials())).toEqual([
    'account-wrong',
    `the role ${arn} is in the account 999999999999, and the environment's account is ${account}; use credentials of that account (AWS_PROFILE)`,
  ]);
  expect(emulator.calls.all).toEqual([]);
});

test.each(['admin', 'arn:aws:iam::1:role/admin', adminSession, ann])(
  'what is not a role (%s) is refused before anything is asked',
  async (arn) => {
    const emulator = await annInAws();
    const session = opened(emulator).session({ role: { arn, sessionName: 'ann' } });
    expect(await refusalOf(session.credentials())).toEqual([
      'role-invalid',
      `"${arn}" is not the ARN of a role, such as arn:aws:iam::123456789012:role/name; correct it where it is set (release.config.json, RELEASE_WRITE_ROLE, RELEASE_READ_ROLE)`,
    ]);
    expect(emulator.calls.all).toEqual([]);
  },
);

test('a role with a path, that the caller is in already, is not assumed', async () => {
  const role = `arn:aws:iam::${account}:role/teams/release/plugins`;
  const emulator = await serveAws({ roles: [{ arn: role, trust: [] }] });
  await become({ variables: keyVariables(emulator.sessionOf(role, { name: 'ann' })) });
  const policy = sessionPolicy({ pull: [], push: [], create: [] });
  const aws = opened(emulator);
  const session = aws.session({ role: { arn: role, sessionName: 'x' }, policy, account });
  const caller = `arn:aws:sts::${account}:assumed-role/plugins/ann`;
  expect(await session.identity()).toMatchObject({
    arn: caller,
    caller,
    role,
    notes: [`${caller} is a session of the role already: it keeps all its rights`],
  });
  const plain = aws.session({ role: { arn: role, sessionName: 'x' } });
  expect((await plain.identity()).notes).toEqual([]);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
});

test('a session that a session opens lasts an hour, and that is said', async () => {
  const ci = `arn:aws:iam::${account}:role/ci`;
  const emulator = await serveAws({
    roles: [
      { arn: ci, trust: [] },
      { arn: admin, trust: [ci], maxSessionDuration: 43_200 },
    ],
  });
  await become({ variables: keyVariables(emulator.sessionOf(ci, { name: 'build-7' })) });
  const role = { ...asAdmin.role, durationSeconds: 43_200 };
  const { notes } = await opened(emulator).session({ role }).identity();
  expect(notes).toEqual([
    `the session of ${admin} lasts 3600 s instead of 43200 s: arn:aws:sts::${account}:assumed-role/ci/build-7 is a role's session itself, and AWS limits those that it starts to one hour`,
  ]);
  expect(emulator.calls.all.at(-1)?.parameters).toMatchObject({ DurationSeconds: '3600' });
});

test('a session that a user opens lasts as long as was asked for', async () => {
  const emulator = await annInAws({
    roles: [{ arn: admin, trust: [ann], maxSessionDuration: 43_200 }],
  });
  const role = { ...asAdmin.role, durationSeconds: 43_200 };
  const { notes, expiresAt } = await opened(emulator).session({ role }).identity();
  expect(notes).toEqual([]);
  expect(expiresAt!.getTime() - Date.now()).toBeGreaterThan(11 * 3_600_000);
});

test('what a trust policy asks for is sent: external id, source identity, tags, multi-factor code', async () => {
  const serialNumber = `arn:aws:iam::${account}:mfa/ann`;
  const emulator = await annInAws({
    users: [{ arn: ann, mfa: { serialNumber, code: '123456' } }],
    roles: [
      {
        arn: admin,
        trust: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: ann },
              Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
              Condition: {
                StringEquals: {
                  'sts:ExternalId': 'from-teleport',
                  'sts:SourceIdentity': 'ann',
                  'aws:RequestTag/project': 'teleport-plugins',
                },
                Bool: { 'aws:MultiFactorAuthPresent': 'true' },
              },
            },
          ],
        },
      },
    ],
  });
  const aws = opened(emulator);
  const role = {
    ...asAdmin.role,
    externalId: 'from-teleport',
    sourceIdentity: 'ann',
    tags: { project: 'teleport-plugins' },
  };
  const mfa = { serialNumber, code: new Secret('123456') };
  expect((await aws.session({ role: { ...role, mfa } }).identity()).arn).toBe(adminSession);

  expect(await refusalOf(aws.session({ role }).identity())).toEqual([
    'access-denied',
    `sts:AssumeRole on ${admin} as ${ann}: access denied; the trust policy of the role must allow sts:AssumeRole, sts:TagSession, sts:SetSourceIdentity to this caller (no multi-factor code was given), and so must the caller's own policies`,
  ]);
  const wrong = { serialNumber, code: new Secret('000000') };
  expect(await refusalOf(aws.session({ role: { ...role, mfa: wrong } }).identity())).toEqual([
    'mfa-refused',
    `sts:AssumeRole on ${admin} as ${ann}: the code of the multi-factor device is refused; a code serves once, and for half a minute: try again with the next one`,
  ]);
});

test('without a code of the device that the role asks for, it is not tried', async () => {
  const emulator = await annInAws();
  const role = { ...asAdmin.role, mfa: { serialNumber: 'arn:aws:iam::1:mfa/ann' } };
  const mfaAdvice = 'ask ann';
  expect(await refusalOf(opened(emulator, { mfaAdvice }).session({ role }).identity())).toEqual([
    'mfa-needed',
    `sts:AssumeRole on ${admin} as ${ann}: a code of the multi-factor device arn:aws:iam::1:mfa/ann is needed; ask ann`,
  ]);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity']);
});

test('a session of the role needs no code of the device that the role asks for', async () => {
  const emulator = await annInAws();
  await become({ variables: keyVariables(emulator.sessionOf(admin, { name: 'ann' })) });
  const role = { ...asAdmin.role, mfa: { serialNumber: 'arn:aws:iam::1:mfa/ann' } };
  expect((await opened(emulator).session({ role }).identity()).arn).toBe(adminSession);
});

test('who goes away does not end it for those who wait', async () => {
  const emulator = await annInAws();
  const session = opened(emulator).session(asAdmin);
  const leaving = new AbortController();
  const gone = session.identity(leaving.signal);
  const stays = session.identity();
  leaving.abort(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  expect((await stays).arn).toBe(adminSession);
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});

test('nothing is waited for when nobody waits any longer', async () => {
  const emulator = await annInAws();
  emulator.misbehave({ action: 'AssumeRole', as: 'silence' });
  const leaving = new AbortController();
  const gone = opened(emulator).session(asAdmin).identity(leaving.signal);
  await expect.poll(() => emulator.calls.sts).toContain('AssumeRole');
  leaving.abort(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  expect(emulator.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
});
