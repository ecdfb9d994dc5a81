import { expect, test } from 'vitest';

import { amazonBuckets } from '../../test/amazon-buckets.js';
import { project, zipNames } from '../../test/provider-workspace.js';
import { signingKeys } from '../../test/signing-keys.js';

const options = { environment: 'production', binaries: 'binaries' };

test('releases in AWS as the role of the environment; the zips are copied inside the server', async () => {
  const { workspace, aws, s3, env: places } = await amazonBuckets();
  const env = { ...places, ...(await signingKeys()) };
  await workspace.release('tf-stage', { options, env });
  const before = s3.requests.length;
  const { printed } = await workspace.run('tf-release', { options, env });
  expect(printed).toContain('✔ released: tf.example.com/acme/acme 1.2.3 in s3://tf-production');
  const made = s3.requests.slice(before);
  const copies = made.filter(({ operation }) => operation === 'UploadPartCopy');
  expect(copies.map(({ key }) => key).sort()).toEqual(zipNames);
  const puts = made.filter(
    ({ operation, key }) => operation === 'PutObject' && !key.startsWith('.conditional'),
  );
  expect(puts.every(({ headers }) => headers['if-none-match'] === '*')).toBe(true);
  expect(puts.at(-2)?.key).toBe('registry/acme/acme/versions');
  expect(await workspace.receipt('tf-release')).toMatchObject({
    stores: [{ store: 's3://tf-production' }],
    identity: expect.stringMatching(/assumed-role\/release-engineer-plugin-admin\//) as unknown,
  });
  const written = await workspace.text(`dist/release/${project}/tf-release.json`);
  for (const secret of aws.secrets) expect(written + printed).not.toContain(secret);
  expect((await workspace.run('tf-release', { options, env })).printed).toContain(
    '✔ already released',
  );
});

test('has rights to read archives and staging, and to change production', async () => {
  const { workspace, env } = await amazonBuckets();
  const { printed } = await workspace.run('tf-release', {
    options: { ...options, printPolicy: true },
    env,
  });
  const { Statement } = JSON.parse(printed.split('\n✔')[0] ?? '') as {
    readonly Statement: readonly {
      readonly Action: readonly string[];
      readonly Resource: unknown;
    }[];
  };
  const archives = `arn:aws:s3:::archives/drone/teleport-plugins/tag/${project}-v1.2.3/*`;
  const production = 'arn:aws:s3:::tf-production/*';
  expect(Statement.map(({ Action, Resource }) => [...Action, Resource])).toEqual([
    ['s3:ListBucket', ['archives', 'tf-production', 'tf-staging'].map((b) => `arn:aws:s3:::${b}`)],
    ['s3:GetObject', [archives, production, 'arn:aws:s3:::tf-staging/*']],
    ['s3:AbortMultipartUpload', 's3:PutObject', [production]],
    ['s3:DeleteObject', [production]],
  ]);
});

test('refuses a server that ignores conditions, and changes nothing there', async () => {
  const {
    workspace,
    s3,
    env: places,
  } = await amazonBuckets({
    s3: { ignoresConditions: 'of all writes' },
  });
  // Elsewhere: there is no pushing to such a server either.
  const archives = { RELEASE_ARTIFACTS_URL: 'file:.release/archives' };
  const env = { ...places, ...archives, ...(await signingKeys()) };
  await workspace.release('push-archives', { options, env });
  const { success, errors } = await workspace.run('tf-stage', { options, env });
  expect(success).toBe(false);
  expect(errors).toContain('the server ignores If-Match and If-None-Match');
  const puts = s3.requests.filter(
    ({ operation, bucket }) => operation === 'PutObject' && bucket === 'tf-staging',
  );
  expect(puts.every(({ key }) => key.startsWith('.conditional-write-probe/'))).toBe(true);
});
