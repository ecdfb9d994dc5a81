import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { amazonWorkspace, engineer, reader, role } from '../../test/amazon.js';
import { engines } from '../../test/engines.js';

const toLayout = { to: 'layout' };

test('a staged version is pulled from ECR with the caller’s own credentials, and without the role that writes', async () => {
  const { workspace, aws, env, staging } = await amazonWorkspace();
  await workspace.release({ upTo: 'push-staging', env });
  const before = { sts: aws.calls.sts.length, ecr: aws.calls.ecr.length };
  const { success, printed, errors } = await workspace.run('pull-staging', {
    env,
    options: toLayout,
  });
  expect({ success, errors }).toEqual({ success: true, errors: '' });
  expect(printed).toContain(`✔ pulled ${staging}:1.2.3@sha256:`);
  expect(aws.calls.sts.slice(before.sts)).toEqual(['GetCallerIdentity']);
  expect(aws.calls.ecr.slice(before.ecr)).toEqual(['GetAuthorizationToken']);
  expect(aws.calls.ecrPublic).toEqual([]);
  expect(await workspace.receipt('pull-staging')).toMatchObject({ identity: engineer });
});

test('it is pulled by the role for reading where there is one, into an engine as well', async () => {
  const { workspace, aws, env, staging } = await amazonWorkspace({
    settings: { roles: { write: role, read: reader } },
  });
  await workspace.release({ upTo: 'push-staging', env });
  const before = aws.calls.sts.length;
  const { PATH } = await engines({ docker: 'answers' });
  const { success, printed, errors } = await workspace.run('pull-staging', {
    env: { ...env, PATH },
  });
  expect({ success, errors }).toEqual({ success: true, errors: '' });
  expect(printed).toContain(`try it with: docker run --rm ${staging}:1.2.3 --version`);
  expect(aws.calls.sts.slice(before)).toEqual(['GetCallerIdentity', 'AssumeRole']);
  await workspace.run('pull-staging', { env, options: toLayout });
  expect(await workspace.receipt('pull-staging')).toMatchObject({
    identity: expect.stringContaining(':assumed-role/plugin-reader/') as string,
  });
});

test('many pulls at once share one token, where that is allowed', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  await workspace.release({ upTo: 'push-staging', env });
  const before = aws.calls.ecr.length;
  const homeDirectory = await temporaryDirectory();
  const now = () => new Date();
  const pull = (directory: string, variables: Readonly<Record<string, string>>) =>
    workspace.run('pull-staging', {
      ...{ homeDirectory, now, env: { ...env, ...variables } },
      options: { ...toLayout, directory },
    });
  const sharing = { RELEASE_TOKEN_CACHE: 'true' };
  const pulls = await Promise.all(['a', 'b', 'c'].map((directory) => pull(directory, sharing)));
  expect(pulls.map(({ errors }) => errors)).toEqual(['', '', '']);
  expect(aws.calls.ecr.length - before).toBe(1);
  await pull('d', {});
  expect(aws.calls.ecr.length - before).toBe(2);
});

test('what it may do in AWS is to read the one repository', async () => {
  const { workspace, aws, env } = await amazonWorkspace();
  const options = { printPolicy: true };
  const { success, printed } = await workspace.run('pull-staging', { env, options });
  expect(success).toBe(true);
  expect(printed).toContain('"arn:aws:ecr:us-west-2:146628656107:repository/acme/mail"');
  expect(printed).not.toMatch(/Put|Upload|Create|ecr-public/);
  expect(aws.calls.sts).toEqual([]);
});

test('a version that is not in ECR is told, whether there is a repository or not', async () => {
  for (const repositories of [true, false]) {
    const { workspace, env, staging } = await amazonWorkspace({ repositories });
    const { success, errors } = await workspace.run('pull-staging', { env, options: toLayout });
    expect({ success, errors }).toEqual({
      success: false,
      errors: `✘ ${staging}:1.2.3 is not staged; run \`npx nx run mail:push-staging:production\` first`,
    });
  }
});
