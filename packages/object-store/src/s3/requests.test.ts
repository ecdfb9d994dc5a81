import { createHash } from 'node:crypto';

import { serveS3 } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { existing, gathered, keysOf, plain, sampleBytes, text } from '../contract/samples.js';
import { loopbackAgents, openedStore } from './test/opened.js';

const labels = { contentType: 'application/json', cacheControl: 'max-age=60' };

describe('What S3 is asked', () => {
  test('is one request for each operation on a small object', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const version = await store.put('a', text('1'), plain('create'));
    await store.put('a', text('2'), plain({ replace: version }));
    await store.put('a', text('3'), plain('overwrite'));
    await store.head('a');
    const object = await existing(store, 'a');
    await object.bytes(10);
    await gathered(object.content());
    await keysOf(store);
    await store.delete('a');
    expect(s3.operations()).toEqual([
      ...['PutObject', 'PutObject', 'PutObject', 'HeadObject', 'GetObject'],
      ...['ListObjectsV2', 'DeleteObject'],
    ]);
  });

  test('carries the condition, the labels and a signed digest of the body, and no checksum that old servers refuse', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const first = await store.put('a', text('{}'), { mode: 'create', ...labels });
    await store.put('a', text('[]'), { mode: { replace: first }, ...labels });
    const [create, replace] = s3.requests.map(({ headers }) => headers);
    expect(create).toMatchObject({
      'if-none-match': '*',
      'content-type': 'application/json',
      'cache-control': 'max-age=60',
      'content-length': '2',
      'x-amz-content-sha256': createHash('sha256').update('{}').digest('hex'),
    });
    expect(replace).toMatchObject({ 'if-match': first });
    for (const headers of [create, replace]) {
      const names = Object.keys(headers ?? {}).join(' ');
      expect(names).not.toMatch(/x-amz-(?:checksum|sdk-checksum|trailer)|content-encoding|expect/);
    }
  });

  test('is sent over connections that are kept', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    for (let at = 0; at < 5; at += 1) await store.put(`a${at}`, text('1'), plain('create'));
    await store.put('large', sampleBytes(9_000_000), plain('create'));
    for (let at = 0; at < 5; at += 1) await (await existing(store, 'a1')).bytes(10);
    await (await existing(store, 'large')).bytes(9_000_000);
    await store.head('absent');
    // Two of the parts at once.
    expect(s3.connections()).toBe(2);
    expect(s3.requests.some(({ headers }) => headers.expect !== undefined)).toBe(false);
  });

  test('of a large object is its beginning, and the rest when it is read', async () => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    const bytes = sampleBytes(3_000_000);
    await store.put('large', bytes, plain('create'));
    const before = s3.requests.length;
    const object = await existing(store, 'large');
    expect(s3.requests.slice(before).map(({ headers }) => headers.range)).toEqual([
      'bytes=0-1048575',
    ]);
    expect(Buffer.compare(await object.bytes(3_000_000), bytes)).toBe(0);
    expect(s3.requests.slice(before + 1).map(({ headers }) => headers)).toMatchObject([
      { range: 'bytes=1048576-', 'if-match': object.version },
    ]);
  });

  test('of a listing is as many pages as there are', async () => {
    const s3 = await serveS3({ pageSize: 1000 });
    const store = openedStore(s3);
    const keys = Array.from({ length: 2001 }, (_, at) => `many/${String(at).padStart(4, '0')}`);
    s3.fill('bucket', keys);
    expect(await keysOf(store, 'many/')).toEqual(keys);
    expect(s3.operations()).toEqual(['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']);
    for await (const { key } of store.list('many/')) if (key === 'many/0001') break;
    expect(s3.requests).toHaveLength(4);
  });

  test('leaves out keys of others that are none', async () => {
    const s3 = await serveS3();
    s3.fill('bucket', ['folder/', 'a//b', '/leading', 'a/../b', 'back\\slash', '\u0001', 'good']);
    expect(await keysOf(openedStore(s3))).toEqual(['good']);
  });

  test('goes to the host of the bucket, or to its path', async () => {
    const s3 = await serveS3();
    const hosts = () => s3.requests.map(({ headers }) => headers.host);
    await openedStore(s3).head('a');
    await openedStore(s3, {
      endpoint: s3.virtualHostEndpoint,
      addressing: 'virtual-host',
      agents: loopbackAgents(),
    }).head('a');
    const { host } = new URL(s3.endpoint);
    expect(new Set(hosts())).toEqual(
      new Set([host, `bucket.${new URL(s3.virtualHostEndpoint).host}`]),
    );
  });

  test('goes to AWS when no endpoint is given, where a bucket with dots is in the path', async () => {
    const agents = loopbackAgents();
    const asked: string[] = [];
    agents.httpsAgent.createConnection = ({ host }: { readonly host?: string }) => {
      asked.push(host ?? '');
      throw Object.assign(new Error('no network here'), { code: 'ENOTFOUND' });
    };
    const options = { bucket: 'releases', region: 'eu-west-1', agents };
    const store = (bucket: string) =>
      openedStore(
        { region: 'eu-west-1', credentials: { accessKeyId: 'A', secretAccessKey: 'B' } },
        {
          ...options,
          bucket,
          endpoint: undefined,
        },
      );
    await expect(store('releases').head('a')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(store('terraform.releases.example').head('a')).rejects.toThrow('no address');
    expect(asked).toEqual(['releases.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com']);
  });

  test('needs no credentials, and not the SDK, before the first operation', async () => {
    const s3 = await serveS3();
    let asked = 0;
    const store = openedStore(s3, {
      credentials: () => {
        asked += 1;
        return Promise.resolve(s3.credentials);
      },
    });
    expect(asked).toBe(0);
    await store.head('a');
    await store.head('b');
    expect(asked).toBe(1);
  });

  test('throw what the provider of credentials throws, as it is, and ask it again', async () => {
    const s3 = await serveS3();
    const refused = Object.assign(new Error('sign in first'), { code: 'access-denied' });
    let signedIn = false;
    const store = openedStore(s3, {
      credentials: () => (signedIn ? Promise.resolve(s3.credentials) : Promise.reject(refused)),
    });
    await expect(store.get('a')).rejects.toBe(refused);
    await expect(
      store.put('a', Buffer.from('x'), { mode: 'create', contentType: 'text/plain' }),
    ).rejects.toBe(refused);
    signedIn = true;
    expect(await store.get('a')).toBeUndefined();
  });
});
