import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { bundledProgram, serveAws, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { account, admin, adminSession, ann, keyVariables } from './test/person.js';

test('a process with nothing but its environment gets a token, and ends', async () => {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  const env = {
    HOME: await temporaryDirectory(),
    PATH: process.env.PATH,
    AWS_REGION: 'eu-north-1',
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...keyVariables(emulator.keysOf(ann)),
  };
  const host = `${account}.dkr.ecr.us-west-2.amazonaws.com`;
  const program = await bundledProgram(new URL('test/asks-for-token.ts', import.meta.url));
  const words = [program, host, admin];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { env });
  expect([stdout, stderr]).toEqual(['basic\n', '']);
  expect(emulator.calls.all.map(({ action, region, by }) => [action, region, by])).toEqual([
    ['GetCallerIdentity', 'eu-north-1', ann],
    ['AssumeRole', 'eu-north-1', ann],
    ['GetAuthorizationToken', 'us-west-2', adminSession],
  ]);
});
