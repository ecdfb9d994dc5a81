import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';

import { serveS3 } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { keysOf } from '../contract/samples.js';
import type { ObjectStore } from '../store.js';
import { failureOf } from './test/failure-of.js';
import { openedStore } from './test/opened.js';

describe('A server that does not answer', () => {
  test('in time is given up', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'silence' });
    const timeouts = { connect: 1000, idle: 1000, answer: 50 };
    const failure = await failureOf(openedStore(s3, {}, { timeouts, retries: 1 }).head('a'));
    expect(failure).toMatchObject({ code: 'timeout', transient: true });
    expect(failure.message).toContain('no answer in time; check the network');
    expect(s3.requests).toHaveLength(2);
  });

  test('is let go when the caller aborts', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'silence' });
    const controller = new AbortController();
    const { signal } = controller;
    const asking = openedStore(s3).get('a', { signal });
    await expect.poll(() => s3.requests.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  test('is not asked again once the caller aborts while it is waited', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'slow down' });
    const controller = new AbortController();
    const sleep = () => {
      controller.abort(new Error('enough'));
      return Promise.resolve();
    };
    const { signal } = controller;
    await expect(openedStore(s3, {}, { sleep }).head('a', { signal })).rejects.toThrow('enough');
    expect(s3.requests).toHaveLength(1);
  });

  test('because it is not there is told so', async () => {
    const server = createServer();
    const store = await storeAt(server);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf(store.head('a'));
    expect(failure).toMatchObject({ code: 'unreachable', transient: true });
    expect(failure.message).toContain('the connection failed (ECONNREFUSED)');
  });

  test('as S3 does is told so', async () => {
    const store = await storeAt(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    const failure = await failureOf(store.head('a'));
    expect(failure).toMatchObject({ code: 'unreachable' });
    expect(failure.message).toContain('no usable connection');
  });

  test.each([
    ['a page of something else', '<html><body>Welcome</body></html>'],
    ['text', 'Welcome'],
    ['an empty answer', ''],
  ])('with a listing, but with %s, has no objects or is told so', async (_, body) => {
    const store = await storeAt(createHttpServer((_request, response) => response.end(body)));
    const keys = await keysOf(store).catch((error: unknown) => error);
    if (!Array.isArray(keys)) expect(keys).toMatchObject({ code: 'rejected' });
    else expect(keys).toEqual([]);
  });

  test('with all of a listing, and not with how to go on, is not taken for complete', async () => {
    const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
    const store = await storeAt(createHttpServer((_, response) => response.end(body)));
    await expect(keysOf(store)).rejects.toMatchObject({ code: 'rejected' });
  });

  async function storeAt(server: Server): Promise<ObjectStore> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const credentials = { accessKeyId: 'A', secretAccessKey: 'B' };
    const endpoint = `http://127.0.0.1:${port}`;
    return openedStore({ endpoint, region: 'us-west-2', credentials });
  }
});
