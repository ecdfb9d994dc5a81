import type { PolicyDocument } from '@teleport-plugins/auth';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { amazonWorkspace, engineer, role } from '../test/amazon.js';
import { treeOf } from '../test/tree.js';

const session = role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');

describe('in AWS', () => {
  test('a version is staged and promoted by the role, which is assumed once for each step', async () => {
    const { workspace, aws, env, ...places } = await amazonWorkspace();
    const { printed: staged } = await workspace.release({ upTo: 'push-staging', env });
    expect(staged).toContain(`✔ staged ${places.staging}:1.2.3@sha256:`);
    expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(aws.calls.ecr).toEqual(['GetAuthorizationToken']);
    expect(aws.calls.ecrPublic).toEqual([]);
    expect(await workspace.receipt('push-staging')).toMatchObject({
      identity: expect.stringContaining(`${session}/`) as string,
    });

    const { success, printed, errors } = await workspace.run('promote-public', { env });
    expect({ success, errors }).toEqual({ success: true, errors: '' });
    expect(printed).toContain(`✔ public: ${places.public}:1.2.3@sha256:`);
    expect(aws.calls.sts.slice(2)).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(aws.calls.ecr.slice(1)).toEqual(['GetAuthorizationToken']);
    expect(aws.calls.ecrPublic).toEqual(['GetAuthorizationToken']);

    expect((await workspace.run('push-staging', { env })).printed).toContain('already staged');
    expect((await workspace.run('promote-public', { env })).printed).toContain('already public');
  });

  test('the secrets of sessions and registries are masked before they are used', async () => {
    const { workspace, aws, env } = await amazonWorkspace();
    const { announced: byStaging } = await workspace.release({ upTo: 'push-staging', env });
    const { announced: byPromoting } = await workspace.run('promote-public', { env });
    const { secretAccessKey } = aws.keysOf(engineer);
    const given = aws.secrets.filter((secret) => secret !== secretAccessKey);
    expect(given.length).toBeGreaterThan(4);
    const announced = new Set([...byStaging, ...byPromoting]);
    // The token of a few minutes that a password is exchanged for stays in the client.
    expect(given.filter((secret) => !announced.has(secret))).toHaveLength(1);
  });

  test('a caller of another account is refused before anything is written', async () => {
    const { workspace, aws, env } = await amazonWorkspace({
      settings: { account: '999999999999', roles: {} },
    });
    await workspace.release({ upTo: 'build-image' });
    const { success, errors } = await workspace.run('push-staging', { env });
    expect({ success, errors }).toEqual({
      success: false,
      errors: `✘ ${engineer} is in the account 146628656107, and the environment's account is 999999999999; use credentials of that account (AWS_PROFILE)`,
    });
    expect(aws.calls.ecr).toEqual([]);
  });

  test('--print-policy shows the rights of the step, and asks nobody', async () => {
    const { workspace, aws, env } = await amazonWorkspace();
    const before = await treeOf(workspace.root);
    const options = { printPolicy: true };
    const { success, printed } = await workspace.run('promote-public', { env, options });
    expect(success).toBe(true);
    const policy = JSON.parse(printed.slice(0, printed.lastIndexOf('}') + 1)) as object;
    expect(policy).toMatchSnapshot();
    expect(await treeOf(workspace.root)).toEqual(before);
    expect(aws.calls.sts).toEqual([]);
  });

  test.each([
    ['KMS', 'arn:aws:kms:us-west-2:146628656107:key/*'],
    ['arn:aws:kms:us-west-2:146628656107:key/1', 'arn:aws:kms:us-west-2:146628656107:key/1'],
  ])(
    'repositories that are encrypted with %s are created with rights to %s',
    async (encryption, key) => {
      const { workspace, env } = await amazonWorkspace({
        settings: { repositories: { create: true, encryption } },
      });
      const { printed } = await workspace.run('push-staging', {
        env,
        options: { printPolicy: true },
      });
      const policy = JSON.parse(printed.slice(0, printed.lastIndexOf('}') + 1)) as PolicyDocument;
      expect(policy.Statement.at(-1)).toEqual({
        Effect: 'Allow',
        Action: ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'],
        Resource: [key],
      });
    },
  );

  test('a dry run may read only', async () => {
    const { workspace, env } = await amazonWorkspace();
    const options = { printPolicy: true, dryRun: true };
    const { printed } = await workspace.run('promote-public', { env, options });
    expect(printed).not.toMatch(/PutImage|Upload|Create/);
    expect(printed).toContain('ecr:GetAuthorizationToken');
  });
});

describe('a repository that is not there', () => {
  test('is created where the environment allows it, after the plan has said so', async () => {
    const { workspace, aws, env, ...places } = await amazonWorkspace({
      repositories: false,
      settings: { repositories: { create: true } },
    });
    await workspace.release({ upTo: 'build-image' });
    const options = { dryRun: true };
    const dry = await workspace.run('push-staging', { env, options });
    expect(dry).toMatchObject({ success: true, errors: '' });
    expect(dry.printed).toMatch(new RegExp(`create +${places.staging}`));
    expect(aws.calls.ecr).not.toContain('CreateRepository');

    const { printed } = await workspace.run('push-staging', { env });
    expect(printed).toContain(`created ${places.staging}`);
    expect(printed).toContain('✔ staged');
    expect((await workspace.run('promote-public', { env })).printed).toContain(
      `created ${places.public}`,
    );
  });

  test('is told with what is missing where it does not', async () => {
    const { workspace, env, staging } = await amazonWorkspace({ repositories: false });
    await workspace.release({ upTo: 'build-image' });
    const { success, errors } = await workspace.run('push-staging', { env });
    expect(success).toBe(false);
    expect(errors).toContain(
      `there is no repository ${staging}, and environment production does not let steps create one`,
    );
    expect(errors).toContain('ecr:CreateRepository');
  });
});

test('what the registry does not allow is told with who asked, and what shows the rights', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  await workspace.release({ upTo: 'build-image' });
  aws.misbehave({ service: 'registry', action: 'PutImage', as: 'access-denied' });
  const { success, errors } = await workspace.run('push-staging', { env });
  expect(success).toBe(false);
  expect(errors).toContain('ecr:PutImage');
  expect(errors).toContain(
    `(signed in as ${session}/tester: its policies must allow this; --print-policy shows what the step needs)`,
  );
});

test('tokens that run out in the middle are obtained again', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  await workspace.release({ upTo: 'build-image' });
  let expired = false;
  const { success, errors } = await workspace.run('push-staging', {
    env,
    onPrint: (line) => {
      if (expired || !line.includes('copied')) return;
      expired = true;
      aws.expireTokens();
    },
  });
  expect({ success, errors, expired }).toEqual({ success: true, errors: '', expired: true });
  expect(aws.calls.ecr).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
});

test('steps share a token when they are told to, and otherwise leave none behind', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  await workspace.release({ upTo: 'push-staging', env });
  const homeDirectory = await temporaryDirectory();
  const shared = {
    env: { ...env, RELEASE_TOKEN_CACHE: 'true' },
    homeDirectory,
    now: () => new Date(),
  };
  const before = aws.calls.ecr.length;
  for (let round = 0; round < 3; round += 1) {
    const { printed } = await workspace.run('push-staging', shared);
    expect(printed).toContain('already staged');
  }
  expect(aws.calls.ecr.slice(before)).toEqual(['GetAuthorizationToken']);
  expect(Object.keys(await treeOf(homeDirectory)).length).toBeGreaterThan(0);

  const wrong = { env: { ...env, RELEASE_TOKEN_CACHE: 'yes' } };
  expect((await workspace.run('push-staging', wrong)).errors).toContain(
    'RELEASE_TOKEN_CACHE: expected "true" or "false", found "yes"',
  );
});

test('a real token never goes to a registry that only stands in', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  await workspace.release({ upTo: 'build-image' });
  const { AWS_ENDPOINT_URL, ...without } = env;
  expect(AWS_ENDPOINT_URL).toBe(aws.endpoint);
  const { success, errors } = await workspace.run('push-staging', { env: without });
  expect(success).toBe(false);
  expect(errors).toContain('log in: there is no credential');
  expect(aws.calls.sts).toEqual([]);
});
