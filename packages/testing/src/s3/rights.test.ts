import { expect, test } from 'vitest';

import type { S3Options } from './options.js';
import { serveS3 } from './serve.js';
import { ask } from './test/client.js';
import { versioned } from './test/versioned.js';

const never = '0'.repeat(32);

test.each([
  ['PUT /bucket?versioning', 's3:PutBucketVersioning', 'bucket'],
  ['GET /bucket?versioning', 's3:GetBucketVersioning', 'bucket'],
  ['PUT /bucket?lifecycle', 's3:PutLifecycleConfiguration', 'bucket'],
  ['GET /bucket?lifecycle', 's3:GetLifecycleConfiguration', 'bucket'],
  ['GET /bucket?versions', 's3:ListBucketVersions', 'bucket'],
  [`GET /bucket/a?versionId=${never}`, 's3:GetObjectVersion', 'bucket/a'],
  [`HEAD /bucket/a?versionId=${never}`, 's3:GetObjectVersion', 'bucket/a'],
  [`GET /bucket/a?tagging&versionId=${never}`, 's3:GetObjectVersionTagging', 'bucket/a'],
  [`DELETE /bucket/a?versionId=${never}`, 's3:DeleteObjectVersion', 'bucket/a'],
] as const)('%s needs %s', async (request, action, resource) => {
  const body = request.startsWith('PUT') ? '<no configuration/>' : undefined;
  const asked = async (isAllowed: (wish: string) => boolean) => {
    const permits: S3Options['permits'] = (_, wish) =>
      isAllowed(`${wish.action} ${wish.resource}`) ? 'allowed' : 'denied';
    const s3 = await serveS3({ permits });
    return (await ask(s3, request, { ...(body !== undefined && { body }) })).status;
  };
  const needed = `${action} arn:aws:s3:::${resource}`;
  const listing = 's3:ListBucket arn:aws:s3:::bucket';
  expect(await asked((wish) => wish !== needed)).toBe(403);
  expect(await asked((wish) => wish === needed || wish === listing)).not.toBe(403);
});

test('copies and removals of several are allowed or not for each version', async () => {
  const denied = new Set<string>();
  const { s3, put } = await versioned({
    permits: (_, { action }) => (denied.has(action) ? 'denied' : 'allowed'),
  });
  const id = String(await put('a', 'content'));
  const copy = (source: string) =>
    ask(s3, 'PUT /bucket/b', { headers: { 'x-amz-copy-source': source } });
  denied.add('s3:GetObjectVersion');
  expect((await copy(`bucket/a?versionId=${id}`)).code).toBe('AccessDenied');
  expect((await copy('bucket/a')).status).toBe(200);
  denied.clear();
  denied.add('s3:GetObject');
  expect((await copy('bucket/a')).code).toBe('AccessDenied');
  expect((await copy(`bucket/a?versionId=${id}`)).status).toBe(200);
  denied.add('s3:DeleteObjectVersion');
  const objects = `<Object><Key>a</Key><VersionId>${id}</VersionId></Object><Object><Key>a</Key></Object>`;
  const { body } = await ask(s3, 'POST /bucket?delete', { body: `<Delete>${objects}</Delete>` });
  expect(body).toContain(`<VersionId>${id}</VersionId><Code>AccessDenied</Code>`);
  expect(body).toContain('<Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker>');
});
