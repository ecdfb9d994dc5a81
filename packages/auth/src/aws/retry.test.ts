import { serveAws } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { failureOf, refusalOf } from './test/failure-of.js';
import { admin, adminSession, ann, asAdmin, become, keyVariables, opened } from './test/person.js';
import { serveScript } from './test/scripted.js';

async function annInAws() {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  return emulator;
}

test.each(['throttled', 'html-503', 'dropped'] as const)(
  'what passes after four times (%s) is not noticed',
  async (as) => {
    const emulator = await annInAws();
    emulator.misbehave({ action: 'AssumeRole', as, times: 4 });
    const aws = opened(emulator);
    expect((await aws.session(asAdmin).identity()).arn).toBe(adminSession);
    expect(aws.pauses).toHaveLength(4);
    expect(emulator.calls.sts).toHaveLength(6);
  },
);

test('pauses are spread', async () => {
  const emulator = await annInAws();
  emulator.misbehave({ action: 'AssumeRole', as: 'throttled', times: 2 });
  const aws = opened(emulator, { random: () => 0.5 });
  await aws.session(asAdmin).identity();
  expect(aws.pauses).toEqual([750, 1500]);
});

test('what AWS asks to wait is waited', async () => {
  const emulator = await annInAws();
  emulator.misbehave({ action: 'AssumeRole', as: 'throttled', times: 1, retryAfter: 42 });
  const aws = opened(emulator);
  await aws.session(asAdmin).identity();
  expect(aws.pauses).toEqual([42_000]);
});

test('who is asked to wait for longer than a minute gives up', async () => {
  const emulator = await annInAws();
  emulator.misbehave({ action: 'AssumeRole', as: 'throttled', retryAfter: 61 });
  const aws = opened(emulator);
  expect(await refusalOf(aws.session(asAdmin).identity())).toEqual([
    'throttled',
    `sts:AssumeRole on ${admin} as ${ann}: AWS throttles it; try again in 61 s, or with fewer at a time`,
  ]);
  expect(aws.pauses).toEqual([]);
});

test('a time to wait for may be a date, read against the clock of the server', async () => {
  await annInAws();
  const headers = { date: 'Thu, 01 Jan 2026 00:00:00 GMT' };
  const { endpoint } = await serveScript(() => ({
    status: 503,
    headers: { ...headers, 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' },
    body: '',
  }));
  const aws = opened({ endpoint });
  const { code, message } = await failureOf(aws.session(asAdmin).identity());
  expect(code).toBe('service-failed');
  expect(message).toContain('answers 503, 5 times; try again in 7 s, or see ');
  expect(aws.pauses).toEqual([7000, 7000, 7000, 7000]);
});

test('a used-up quota is not throttling', async () => {
  const emulator = await annInAws();
  const { endpoint, requests } = await serveScript(() => ({
    status: 400,
    body: '{"__type":"LimitExceededException","message":"The quota has been exceeded"}',
  }));
  const aws = opened(emulator, { endpoints: { sts: emulator.endpoint, ecr: endpoint } });
  const session = aws.session(asAdmin);
  const { ecrRepositories } = await import('../ecr/repositories.js');
  const registry = {
    kind: 'private',
    account: '1',
    region: 'us-west-2',
    partition: 'aws',
  } as const;
  const repositories = ecrRepositories(session, { ...registry, fips: false, dualStack: false });
  const { code, message } = await failureOf(repositories.create('acme/app'));
  expect(code).toBe('limit-reached');
  expect(message).toBe(
    `ecr:CreateRepository on acme/app as ${adminSession}: a quota of the account is used up; have it raised (Service Quotas)`,
  );
  expect(requests).toHaveLength(1);
});

test('a clock that is wrong by an hour is made up for', async () => {
  const hour = 3_600_000;
  const emulator = await serveAws({
    now: () => new Date(Date.now() + hour),
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann] }],
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  expect((await opened(emulator).session(asAdmin).identity()).arn).toBe(adminSession);
});
