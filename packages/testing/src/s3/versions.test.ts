import { expect, test } from 'vitest';

import { ask } from './test/client.js';
import { versioned } from './test/versioned.js';

const never = '0'.repeat(32);

test('answers name the version that they are about, where there are versions', async () => {
  const { s3, set, put } = await versioned({ buckets: ['bucket', 'plain'] });
  for (const request of ['PUT /plain/a', 'GET /plain/a', 'HEAD /plain/a'] as const) {
    const { status, headers } = await ask(s3, request);
    expect([status, headers.get('x-amz-version-id')]).toEqual([200, null]);
  }
  const id = await put('a', 'content');
  expect(id).toMatch(/^\d{32}$/);
  for (const request of ['GET /bucket/a', 'HEAD /bucket/a', 'GET /bucket/a?tagging'] as const) {
    expect((await ask(s3, request)).headers.get('x-amz-version-id')).toBe(id);
  }
  await set('Suspended');
  expect(await put('a', 'new')).toBeNull();
  expect((await ask(s3, 'GET /bucket/a')).headers.get('x-amz-version-id')).toBe('null');
  const started = await ask(s3, 'POST /bucket/b?uploads');
  const upload = /<UploadId>(.*)<\/UploadId>/.exec(started.body)?.[1] ?? '';
  const source = { 'x-amz-copy-source': `bucket/a?versionId=${String(id)}` };
  const part = `PUT /bucket/b?partNumber=1&uploadId=${upload}` as const;
  const { body, headers } = await ask(s3, part, { headers: source });
  expect(headers.get('x-amz-copy-source-version-id')).toBe(id);
  const etag = /<ETag>(.*)<\/ETag>/.exec(body)?.[1] ?? '';
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
  await set('Enabled');
  const completed = await ask(s3, `POST /bucket/b?uploadId=${upload}`, { body: parts });
  const made = String(completed.headers.get('x-amz-version-id'));
  expect((await ask(s3, `GET /bucket/b?versionId=${made}`)).body).toBe('content');
});

test('without versioning a key has one version, which is gone when it is replaced or removed', async () => {
  const { s3, put, list } = await versioned({ isVersioned: false });
  expect(await put('a', 'first')).toBeNull();
  expect(await put('a', 'second')).toBeNull();
  expect(await list()).toEqual(['Version a null latest']);
  expect((await ask(s3, 'GET /bucket/a?versionId=null')).body).toBe('second');
  const { status, headers } = await ask(s3, 'DELETE /bucket/a');
  expect([status, headers.get('x-amz-delete-marker')]).toEqual([204, null]);
  expect(await list()).toEqual([]);
});

test('a delete marker is told from what was never there', async () => {
  const { s3, put } = await versioned();
  const id = String(await put('a', 'content'));
  const { headers } = await ask(s3, 'DELETE /bucket/a');
  const marker = String(headers.get('x-amz-version-id'));
  const asked = async (request: `GET /${string}` | `HEAD /${string}`) => {
    const answer = await ask(s3, request);
    return [answer.status, answer.code, answer.headers.get('x-amz-delete-marker')];
  };
  expect(await asked('GET /bucket/a')).toEqual([404, 'NoSuchKey', 'true']);
  expect(await asked('GET /bucket/b')).toEqual([404, 'NoSuchKey', null]);
  expect(await asked(`GET /bucket/a?versionId=${marker}`)).toEqual([
    405,
    'MethodNotAllowed',
    'true',
  ]);
  expect(await asked(`HEAD /bucket/a?versionId=${marker}`)).toEqual([405, undefined, 'true']);
  expect(await asked(`GET /bucket/a?versionId=${never}`)).toEqual([404, 'NoSuchVersion', null]);
  expect(await asked(`GET /bucket/b?versionId=${id}`)).toEqual([404, 'NoSuchVersion', null]);
  expect(await asked('GET /bucket/a?versionId=')).toEqual([400, 'InvalidArgument', null]);
  const deleted = await ask(s3, `DELETE /bucket/a?versionId=${never}`);
  expect(deleted.status).toBe(204);
  expect((await ask(s3, `PUT /bucket/a?versionId=${id}`)).code).toBe('InvalidArgument');
});

test('several versions are deleted at once', async () => {
  const { s3, put, list } = await versioned();
  const [a, b] = [String(await put('a', 'content')), String(await put('b', 'content'))];
  const object = (key: string, version?: string) =>
    `<Object><Key>${key}</Key>${version === undefined ? '' : `<VersionId>${version}</VersionId>`}</Object>`;
  const objects = [object('a', a), object('b'), object('a', 'x')].join('');
  const { body } = await ask(s3, 'POST /bucket?delete', { body: `<Delete>${objects}</Delete>` });
  const [, marker = ''] = /<DeleteMarkerVersionId>(.*)<\/DeleteMarkerVersionId>/.exec(body) ?? [];
  expect(body).toContain(`<Deleted><Key>a</Key><VersionId>${a}</VersionId></Deleted>`);
  expect(body).toContain('<Error><Key>a</Key><VersionId>x</VersionId><Code>InvalidArgument</Code>');
  expect(await list()).toEqual([`Version b ${b}`, `DeleteMarker b ${marker} latest`]);
});

test('while versioning is suspended there is one version without an id, and others stay', async () => {
  const { s3, set, put, list } = await versioned();
  const id = String(await put('a', 'with an id'));
  await set('Suspended');
  await put('a', 'without');
  await put('a', 'without, again');
  expect(await list()).toEqual(['Version a null latest', `Version a ${id}`]);
  expect((await ask(s3, 'DELETE /bucket/a')).headers.get('x-amz-version-id')).toBe('null');
  expect(await list()).toEqual([`Version a ${id}`, 'DeleteMarker a null latest']);
  await set('Enabled');
  await put('a', 'new');
  expect(await list()).toHaveLength(3);
  expect((await ask(s3, `GET /bucket/a?versionId=${id}`)).body).toBe('with an id');
});

test('a write that is to be the first one succeeds where the newest is a delete marker', async () => {
  const { s3, put } = await versioned();
  await put('a', 'content');
  const create = () => ask(s3, 'PUT /bucket/a', { body: 'new', headers: { 'if-none-match': '*' } });
  expect(await create()).toMatchObject({ code: 'PreconditionFailed' });
  await ask(s3, 'DELETE /bucket/a');
  const overwritten = await ask(s3, 'PUT /bucket/a', { headers: { 'if-match': '"a"' } });
  expect(overwritten.code).toBe('NoSuchKey');
  expect((await create()).headers.has('x-amz-version-id')).toBe(true);
});

test('what a test overwrites, damages and loses can be got back', async () => {
  const { s3, put, list } = await versioned();
  const id = String(await put('key', 'content'));
  s3.fill('bucket', ['key']);
  s3.truncate('bucket', 'key');
  expect((await ask(s3, 'GET /bucket/key')).body).toBe('ke');
  s3.empty('bucket');
  expect(s3.metadata('bucket', 'key')).toBeUndefined();
  expect(await list()).toHaveLength(4);
  expect((await ask(s3, `GET /bucket/key?versionId=${id}`)).body).toBe('content');
});

test('a listing goes on after what was deleted since', async () => {
  const { s3, put, list } = await versioned({ pageSize: 2 });
  const ids: string[] = [];
  for (const content of ['1', '2', '3', '4']) ids.unshift(String(await put('a', content)));
  await put('b', '1');
  expect(await list()).toEqual([
    `Version a ${String(ids[0])} latest`,
    `Version a ${String(ids[1])}`,
  ]);
  for (const id of ids.slice(0, 2)) await ask(s3, `DELETE /bucket/a?versionId=${id}`);
  expect(await list(`&key-marker=a&version-id-marker=${String(ids[1])}`)).toEqual([
    `Version a ${String(ids[2])} latest`,
    `Version a ${String(ids[3])}`,
  ]);
  expect(await list('&key-marker=a')).toEqual([expect.stringMatching(/^Version b/)]);
  const { code } = await ask(s3, `GET /bucket?versions&version-id-marker=${never}`);
  expect(code).toBe('InvalidArgument');
});
