import { expect, test, vi } from 'vitest';

import { amazonBuckets } from '../../test/amazon-buckets.js';
import { zipNames } from '../../test/provider-workspace.js';
import { signingKeys } from '../../test/signing-keys.js';

const account = '146628656107';
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const objects = (action: string, bucket: string) => ({
  Effect: 'Allow' as const,
  Action: action,
  Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
});
const assuming = (name: string) => ({
  Effect: 'Allow' as const,
  Action: 'sts:AssumeRole',
  Resource: [role(name)],
});
const allowing = (...Statement: ReturnType<typeof objects>[]) => ({
  Version: '2012-10-17' as const,
  Statement,
});

/**
 * The environment as CI's secrets have it: an access key for each store, and for the registries a role that each
 * deploys with. Nobody has rights to two of the buckets, and the engineer has rights to none.
 */
async function withAccessKeys() {
  const key = (name: string) => ({
    idVariable: `${name}_ACCESS_KEY_ID`,
    secretVariable: `${name}_SECRET_ACCESS_KEY`,
  });
  const deploying = (name: string) => ({ ...key(name), role: `\${${name}_ROLE}` });
  const buckets = await amazonBuckets({
    trust: [],
    users: [
      { arn: user('archives'), policy: allowing(objects('s3:*', 'archives')) },
      { arn: user('staging'), policy: allowing(assuming('staging')) },
      { arn: user('production'), policy: allowing(assuming('production')) },
    ],
    roles: ['staging', 'production'].map((name) => ({
      arn: role(name),
      trust: [user(name)],
      policy: allowing(objects('s3:*', `tf-${name}`)),
    })),
    accessKeys: {
      artifacts: key('ARCHIVES'),
      terraform: { staging: deploying('STAGING'), production: deploying('PRODUCTION') },
    },
  });
  const names = ['archives', 'staging', 'production'];
  const keys = Object.fromEntries(
    names.flatMap((name) => {
      const { accessKeyId, secretAccessKey } = buckets.aws.keysOf(user(name));
      return [
        [`${name.toUpperCase()}_ACCESS_KEY_ID`, accessKeyId],
        [`${name.toUpperCase()}_SECRET_ACCESS_KEY`, secretAccessKey],
      ];
    }),
  );
  const roles = { STAGING_ROLE: role('staging'), PRODUCTION_ROLE: role('production') };
  return { ...buckets, env: { ...buckets.env, ...keys, ...roles, ...(await signingKeys()) } };
}

const options = { environment: 'production', binaries: 'binaries' };

test('goes to each store with the key of that store, as the role that it deploys with', async () => {
  const { workspace, aws, s3, env } = await withAccessKeys();
  // What the SDK would find by itself counts for nothing.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA-OF-NOBODY');
  await workspace.release('tf-stage', { options, env });
  const { success, printed } = await workspace.run('tf-release', { options, env });
  expect(success).toBe(true);
  expect(printed).toContain('✔ released: tf.example.com/acme/acme 1.2.3 in s3://tf-production');
  expect(await workspace.receipt('tf-release')).toMatchObject({
    identity: expect.stringMatching(/assumed-role\/production\//) as unknown,
  });
  expect(await workspace.receipt('tf-stage')).toMatchObject({
    identity: expect.stringMatching(/assumed-role\/staging\//) as unknown,
  });
  // Who may write to production cannot read staging: the zips went through this process.
  const puts = s3.requests.filter(
    ({ operation, bucket }) => operation === 'PutObject' && bucket === 'tf-production',
  );
  expect(puts.map(({ key }) => key)).toEqual(expect.arrayContaining([...zipNames]));
  for (const secret of aws.secrets) expect(printed).not.toContain(secret);
});

test('half a key is told, and nothing is asked for', async () => {
  const { workspace, aws, s3, env } = await withAccessKeys();
  const { errors } = await workspace.run('tf-release', {
    options,
    env: { ...env, PRODUCTION_SECRET_ACCESS_KEY: '' },
  });
  expect(errors).toContain('PRODUCTION_SECRET_ACCESS_KEY is not set');
  expect([...aws.calls.sts, ...s3.requests]).toEqual([]);
});

test('a key that may not assume its role is told with its owner and the role', async () => {
  const { workspace, env } = await withAccessKeys();
  await workspace.release('push-archives', { options, env });
  const { errors } = await workspace.run('tf-stage', {
    options,
    env: { ...env, STAGING_ROLE: role('production') },
  });
  expect(errors).toContain(`sts:AssumeRole on ${role('production')} as ${user('staging')}`);
});

test('all variables that are missing are told at once', async () => {
  const { workspace, env } = await withAccessKeys();
  await workspace.configure({
    local: {},
    production: {
      aws: { account },
      artifacts: 's3://${A}',
      terraform: {
        staging: { host: 'a.example.com', store: 's3://${B}', signingKeys: [{ variable: 'K' }] },
        production: { host: 'b.example.com', store: 's3://${C}', signingKeys: [{ variable: 'L' }] },
      },
    },
  });
  const { errors } = await workspace.run('tf-release', { options, env });
  for (const name of ['A', 'B', 'C']) expect(errors).toContain(`needs the variable ${name}`);
});
