import { expect, test } from 'vitest';

import { amazonBuckets } from '../../test/amazon-buckets.js';
import { archiveNames, project, releaseTag } from '../../test/provider-workspace.js';

const folder = `teleport-plugins/tag/${releaseTag}`;
const options = { environment: 'production', binaries: 'binaries' };

test('pushes as the role of the environment, with rights to the folder of the release only', async () => {
  const { workspace, aws, s3, env } = await amazonBuckets();
  const { printed } = await workspace.release('push-archives', { options, env });
  expect(printed).toContain(`✔ pushed: s3://archives/drone/${folder} (2 archives)`);
  const puts = s3.requests.filter(({ operation }) => operation === 'PutObject');
  const [first = '', ...others] = archiveNames.map((name) => `${name}.sha256`);
  // One checksum twice, by which a server that ignores conditions is known.
  expect(puts.map(({ key }) => key)).toEqual(
    [first, first, ...archiveNames, ...others].map((name) => `drone/${folder}/${name}`),
  );
  expect(new Set(puts.map(({ headers }) => headers['if-none-match']))).toEqual(new Set(['*']));
  expect(new Set(puts.map(({ headers }) => headers['content-type']))).toEqual(
    new Set(['application/gzip', 'text/plain; charset=utf-8']),
  );
  expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
  expect(await workspace.receipt('push-archives')).toMatchObject({
    environment: 'production',
    stores: [{ store: 's3://archives/drone' }],
    identity: expect.stringMatching(
      /^arn:aws:sts::146628656107:assumed-role\/release-engineer-plugin-admin\//,
    ) as unknown,
    transfer: { requests: expect.any(Number) as unknown },
  });
  const written = await workspace.text(`dist/release/${project}/push-archives.json`);
  for (const secret of aws.secrets) expect(written + printed).not.toContain(secret);
});

test('puts no archive where a server ignores conditions, nor when a part of them is there', async () => {
  const { workspace, s3, env } = await amazonBuckets({
    s3: { ignoresConditions: 'of all writes' },
  });
  await workspace.run('build-archives', { options, env });
  for (let time = 0; time < 2; time += 1) {
    const { success, errors } = await workspace.run('push-archives', { options, env });
    expect(success).toBe(false);
    expect(errors).toContain(
      `✘ s3://archives/drone/${folder}: the server ignores If-None-Match, so that another machine's archives could be overwritten; use a server that honours it`,
    );
  }
  const puts = s3.requests.filter(({ operation }) => operation === 'PutObject');
  expect(new Set(puts.map(({ key }) => key))).toEqual(
    new Set([`drone/${folder}/${archiveNames[0] ?? ''}.sha256`]),
  );
});

test('shows the session policy, and does nothing', async () => {
  const { workspace, aws, s3, env } = await amazonBuckets();
  const { printed } = await workspace.run('push-archives', {
    options: { ...options, printPolicy: true },
    env,
  });
  const [document = ''] = printed.split('\n✔');
  expect(JSON.parse(document)).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::archives'] },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: [`arn:aws:s3:::archives/drone/${folder}/*`],
      },
      {
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
        Resource: [`arn:aws:s3:::archives/drone/${folder}/*`],
      },
    ],
  });
  expect([...aws.calls.sts, ...s3.operations()]).toEqual([]);
});

test('has the rights to the keys that the buckets encrypt with', async () => {
  const key = 'arn:aws:kms:us-west-2:146628656107:key/1';
  const { workspace, env } = await amazonBuckets({ bucketKeys: [key] });
  for (const [dryRun, actions] of [
    [false, ['kms:Decrypt', 'kms:GenerateDataKey']],
    [true, ['kms:Decrypt']],
  ] as const) {
    const { printed } = await workspace.run('push-archives', {
      options: { ...options, dryRun, printPolicy: true },
      env,
    });
    const [document = ''] = printed.split('\n✔');
    const { Statement } = JSON.parse(document) as { readonly Statement: readonly object[] };
    expect(Statement.at(-1)).toEqual({ Effect: 'Allow', Action: actions, Resource: [key] });
  }
});

test('a dry run has no right to write', async () => {
  const { workspace, s3, env } = await amazonBuckets();
  const dry = { ...options, dryRun: true };
  expect((await workspace.release('push-archives', { options: dry, env })).success).toBe(true);
  expect(new Set(s3.operations())).toEqual(new Set(['ListObjectsV2', 'GetObject']));
  const { printed } = await workspace.run('push-archives', {
    options: { ...dry, printPolicy: true },
    env,
  });
  expect(printed).not.toContain('PutObject');
});

test('is refused to whom the role does not trust, and says what that takes', async () => {
  const { workspace, s3, env } = await amazonBuckets({ trust: [] });
  await workspace.run('build-archives', { options, env });
  const { success, errors } = await workspace.run('push-archives', { options, env });
  expect(success).toBe(false);
  expect(errors).toMatch(/user\/engineer.*sts:AssumeRole/s);
  expect(s3.operations()).toEqual([]);
});

test('tells a bucket that is missing', async () => {
  const { workspace, env } = await amazonBuckets();
  await workspace.run('build-archives', { options, env });
  const { success, errors } = await workspace.run('push-archives', {
    options,
    env: { ...env, AWS_S3_BUCKET: 'nowhere' },
  });
  expect(success).toBe(false);
  expect(errors).toContain('there is no such bucket');
});

test('tells the variable that is missing', async () => {
  const { workspace, env } = await amazonBuckets();
  const { AWS_S3_BUCKET, ...others } = env;
  const { success, errors } = await workspace.run('push-archives', { options, env: others });
  expect({ success, bucket: AWS_S3_BUCKET }).toEqual({ success: false, bucket: 'archives' });
  expect(errors).toContain('needs the variable AWS_S3_BUCKET, which is not set');
});

test('without an AWS account the credentials of the machine are used, and AWS is not asked', async () => {
  const { workspace, aws, s3, env } = await amazonBuckets();
  await workspace.configure({ local: { artifacts: 's3://archives' }, production: {} });
  const { printed } = await workspace.release('push-archives', {
    env: { ...env, AWS_REGION: 'us-west-2' },
  });
  expect(printed).toContain(`✔ pushed: s3://archives/${folder} (2 archives)`);
  expect(aws.calls.sts).toEqual([]);
  expect(s3.operations()).toContain('PutObject');
});
