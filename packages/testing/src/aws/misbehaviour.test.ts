import { expect, test } from 'vitest';

import { serveAws } from './serve.js';
import { askEcr, askSts } from './test/client.js';
import { ann } from './test/world.js';

const getCaller = { Action: 'GetCallerIdentity' };
const getToken = ['ecr', 'GetAuthorizationToken'] as const;

test.each([
  ['access-denied', 'AccessDenied', 'AccessDeniedException'],
  ['expired-token', 'ExpiredToken', 'ExpiredTokenException'],
  ['throttled', 'Throttling', 'ThrottlingException'],
  ['clock-skew', 'SignatureDoesNotMatch', 'InvalidSignatureException'],
] as const)('%s is said in the words of each API', async (as, stsCode, ecrCode) => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  aws.misbehave({ as, retryAfter: 7 });
  const fromSts = await askSts(aws, aws.keysOf(ann), getCaller);
  expect(fromSts.code).toBe(stsCode);
  expect(fromSts.headers.get('retry-after')).toBe('7');
  expect((await askEcr(aws, aws.keysOf(ann), getToken)).code).toBe(ecrCode);
});

test('who is denied access is named', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  aws.misbehave({ as: 'access-denied' });
  expect(await askEcr(aws, aws.keysOf(ann), getToken)).toMatchObject({
    message: `User: ${ann} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
  });
});

test('a rule is for a service and an action, for some times, after some', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  const rule = { service: 'ecr', action: 'GetAuthorizationToken', times: 2, after: 1 } as const;
  const undo = aws.misbehave({ ...rule, as: 'throttled' });
  const asked = async () => (await askEcr(aws, aws.keysOf(ann), getToken)).status;
  expect(await askSts(aws, aws.keysOf(ann), getCaller)).toMatchObject({ status: 200 });
  expect([await asked(), await asked(), await asked(), await asked()]).toEqual([
    200, 400, 400, 200,
  ]);
  undo();
  const forever = aws.misbehave({ as: 'throttled' });
  expect(await asked()).toBe(400);
  forever();
  expect(await asked()).toBe(200);
});

test('a page of a load balancer is no answer of an API', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  aws.misbehave({ as: 'html-503', times: 1 });
  const answer = await askSts(aws, aws.keysOf(ann), getCaller);
  expect(answer).toMatchObject({ status: 503, body: expect.stringMatching(/^<html>/) as string });
  expect(answer.headers.get('content-type')).toBe('text/html');
  expect(await askSts(aws, aws.keysOf(ann), getCaller)).toMatchObject({ status: 200 });
});

test('a connection can be dropped, or never be answered', async () => {
  const aws = await serveAws({ users: [{ arn: ann }] });
  aws.misbehave({ as: 'dropped', times: 1 });
  await expect(askSts(aws, aws.keysOf(ann), getCaller)).rejects.toThrow('fetch failed');
  aws.misbehave({ as: 'silence' });
  const waiting = askSts(aws, aws.keysOf(ann), getCaller);
  const ended = expect(waiting).rejects.toThrow('fetch failed');
  await expect.poll(() => aws.calls.sts).toHaveLength(2);
  await aws.close();
  await ended;
  expect(aws.calls.all.map(({ outcome }) => outcome)).toEqual(['no answer', 'no answer']);
});
