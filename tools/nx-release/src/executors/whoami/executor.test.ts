import { describe, expect, test, vi } from 'vitest';

import { amazonWorkspace, engineer, role } from '../../test/amazon.js';
import { testWorkspace } from '../../test/workspace.js';

const session = role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');

describe('in AWS', () => {
  test('names caller, account, role and expiry of each registry, of one session', async () => {
    const { workspace, aws, env } = await amazonWorkspace();
    const { success, printed } = await workspace.run('whoami', { env });
    expect(success).toBe(true);
    expect(printed).toMatch(
      new RegExp(
        `^production staging: ${env.RELEASE_STAGING_REGISTRY}
  signer +${session}/tester
  caller +${engineer}
  account +146628656107
  role +${role}
  expires +\\d{4}-\\d\\d-\\d\\dT.*Z
production public: ${env.RELEASE_PUBLIC_REGISTRY}
  signer`,
      ),
    );
    expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect([...aws.calls.ecr, ...aws.calls.ecrPublic]).toEqual([]);
  });

  test('who reads acts with their own rights where there is no role for it', async () => {
    const { workspace, aws, env } = await amazonWorkspace();
    const options = { access: 'read', json: true };
    const { printed } = await workspace.run('whoami', { env, options });
    const signers = JSON.parse(printed) as unknown;
    expect(signers).toEqual([
      {
        role: 'staging',
        registry: env.RELEASE_STAGING_REGISTRY,
        kind: 'ecr',
        identity: engineer,
        caller: engineer,
        account: '146628656107',
        expires: 'never',
      },
      expect.objectContaining({ role: 'public', kind: 'ecr-public', identity: engineer }),
    ]);
    expect(aws.calls.sts).toEqual(['GetCallerIdentity']);
  });

  test('a session that does not say when it ends does not last for ever', async () => {
    const { workspace, aws, env } = await amazonWorkspace();
    const { accessKeyId, secretAccessKey, sessionToken } = aws.sessionOf(role);
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', sessionToken);
    const { printed } = await workspace.run('whoami', { env });
    expect(printed).toMatch(/^ {2}expires +unknown$/m);
  });

  test('a role that may not be assumed is told with who asked for it', async () => {
    const { workspace, env } = await amazonWorkspace({ trust: [] });
    const { success, errors } = await workspace.run('whoami', { env });
    expect(success).toBe(false);
    expect(errors).toContain(`sts:AssumeRole on ${role} as ${engineer}: access denied`);
  });
});

test('elsewhere the login is named, or that there is none', async () => {
  const workspace = await testWorkspace();
  const entry = { auth: Buffer.from('ann:secret').toString('base64') };
  const env = {
    RELEASE_STAGING_REGISTRY: 'quay.io/staging',
    RELEASE_PUBLIC_REGISTRY: 'ghcr.io/public',
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'quay.io': entry } }),
  };
  const { printed } = await workspace.run('whoami', { env });
  expect(printed).toMatch(/quay\.io\/staging\n {2}signer {2}ann\n/);
  expect(printed).toMatch(/ghcr\.io\/public\n {2}signer {2}nobody: log in/);
  expect(printed).not.toContain('secret');
});

test('in an embedded registry nobody has to sign in', async () => {
  const workspace = await testWorkspace();
  const { printed } = await workspace.run('whoami');
  expect(printed).toMatch(
    /local staging: .*\.release\/registries\/staging\n.*nobody has to sign in/,
  );
});
