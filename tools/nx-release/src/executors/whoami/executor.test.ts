import { describe, expect, test, vi } from 'vitest';

import { amazonBuckets } from '../../test/amazon-buckets.js';
import { amazonWorkspace, engineer, role } from '../../test/amazon.js';
import { providerWorkspace } from '../../test/provider-workspace.js';
import { testWorkspace } from '../../test/workspace.js';

const production = { environment: 'production' };
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

describe('at the stores of an environment', () => {
  test('names who goes to the buckets, in one session with the registries', async () => {
    const { workspace, aws, s3, env } = await amazonBuckets();
    const { printed } = await workspace.run('whoami', { options: production, env });
    const lines = (name: string) =>
      `production ${name}\n  signer +${session}/tester\n  caller +${engineer}`;
    expect(printed).toMatch(new RegExp(lines('artifacts: s3://archives/drone')));
    expect(printed).toMatch(new RegExp(lines('terraform staging: s3://tf-staging')));
    expect(printed).toMatch(new RegExp(lines('terraform production: s3://tf-production')));
    expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(s3.operations()).toEqual([]);
  });

  test('names the owner of an access key where there is one', async () => {
    const archives = 'arn:aws:iam::146628656107:user/archives';
    const { workspace, aws, env } = await amazonBuckets({
      users: [{ arn: archives }],
      accessKeys: { artifacts: { idVariable: 'ARCHIVES_ID', secretVariable: 'ARCHIVES_SECRET' } },
    });
    const { accessKeyId, secretAccessKey } = aws.keysOf(archives);
    const keys = { ARCHIVES_ID: accessKeyId, ARCHIVES_SECRET: secretAccessKey };
    const options = { ...production, json: true };
    const { printed } = await workspace.run('whoami', { options, env: { ...env, ...keys } });
    const stores = (JSON.parse(printed) as { role: string }[]).slice(2);
    expect(stores).toMatchObject([
      { role: 'artifacts', store: 's3://archives/drone', kind: 'bucket', identity: archives },
      { role: 'terraform staging', kind: 'bucket', assumedRole: role },
      { role: 'terraform production', kind: 'bucket', assumedRole: role },
    ]);
    expect(printed).not.toContain(secretAccessKey);
  });

  test('says which variable is not set, and goes on', async () => {
    const { workspace, env } = await amazonBuckets();
    const { AWS_S3_BUCKET, ...others } = env;
    expect(AWS_S3_BUCKET).toBe('archives');
    const { success, printed } = await workspace.run('whoami', {
      options: production,
      env: others,
    });
    expect(success).toBe(true);
    expect(printed).toMatch(/^production artifacts: not set\n {2}signer +nobody: .*AWS_S3_BUCKET/m);
    expect(printed).toContain('production terraform staging: s3://tf-staging');
  });

  test('that are folders needs nobody, and elsewhere takes the credentials that there are', async () => {
    const workspace = await providerWorkspace();
    await workspace.configure({ local: { artifacts: 's3://archives' }, production: {} });
    const { printed } = await workspace.run('whoami');
    expect(printed).toMatch(
      /^local artifacts: s3:\/\/archives\n {2}signer +the AWS credentials of this machine/m,
    );
    expect(printed).toMatch(
      /^local terraform staging: file:.*\n {2}signer +nobody has to sign in: it is a folder/m,
    );
  });
});
