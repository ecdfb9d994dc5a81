import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';

import { Secret } from '@teleport-plugins/secrets';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { beforeAll, describe, expect, test } from 'vitest';

import { testAuthority, type TestAuthority } from '../../test/certificates.js';
import { teleportEvents } from '../../test/events.js';
import { json, start, untilAborted } from '../../test/running-service.js';

const { create, review, update } = teleportEvents;

describe('a request is refused', () => {
  test('with 400 and the reason, and nothing of it is accepted', async () => {
    const { post, plugin } = await start();
    const answer = await post([create, { ...review, id: 5 }]);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: 'event 2 (access_request.review): id: expected a string of 1 to 256 characters',
    });
    expect(await (await post([create])).json()).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await plugin.taken(1)).toHaveLength(1);
  });

  test.each([
    [
      { 'content-type': 'text/plain' },
      'expected content-type application/json or application/x-ndjson, found text/plain',
    ],
    [
      { ...json, 'content-encoding': 'gzip' },
      'expected a body that is not compressed, found content-encoding gzip',
    ],
  ])('with 415 when it has the headers %j', async (headers, error) => {
    const { post } = await start();
    const answer = await post(create, headers);
    expect(answer.status).toBe(415);
    expect(await answer.json()).toEqual({ error });
  });

  test('with 413 when it says to be too large', async () => {
    const { post } = await start({ server: { maxBodyBytes: 1024 } });
    const answer = await post({ ...create, reason: 'x'.repeat(2000) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual({
      error: 'the body is larger than 1024 bytes: send fewer events at once',
    });
  });

  test('with 413 when it turns out to be too large', async () => {
    const { url } = await start({ server: { maxBodyBytes: 1024 } });
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${url}/events`, { method: 'POST', headers: json });
      request.on('response', (response) => resolve(response.statusCode));
      request.on('error', reject);
      request.write('x'.repeat(900));
      request.write('x'.repeat(900));
      request.end();
    });
    expect(answer).toBe(413);
  });

  test('with 404 and 405 elsewhere', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/__proto__`)).status).toBe(404);
    const get = await fetch(`${url}/events`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
  });

  test('with 503 and a time to come back when the queue is full', async () => {
    const { post, plugin } = await start({ queue: { capacity: 1 } });
    plugin.behave((_notification, signal) => untilAborted(signal));
    expect((await post(create)).status).toBe(200);
    const full = await post(review);
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5']);
    const oversized = await post([review, update]);
    expect(oversized.status).toBe(413);
  });

  test('with 503 when it cannot be kept on disk', async () => {
    const stateDirectory = await temporaryDirectory();
    const first = await start({ queue: { stateDirectory } });
    await start({ queue: { stateDirectory } });
    const answer = await first.post(create);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(first.plugin.notifications).toEqual([]);
    expect(first.log).toContainEqual(
      expect.objectContaining({ severity: 'error', message: 'events cannot be kept' }),
    );
  });

  test('when the connection breaks off within the body, and the service goes on', async () => {
    const { url, post, log } = await start();
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST /events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    await new Promise<void>((resolve) => socket.on('connect', () => setImmediate(resolve)));
    socket.destroy();
    expect((await post(create)).status).toBe(200);
    expect(log.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('with a token', () => {
  const token = new Secret('correct horse');
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{}, 401],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: 'Basic correct-horse' }, 401],
    [{ authorization: 'Bearer correct-horse' }, 200],
    [{ authorization: 'bearer correct-horse' }, 200],
  ];
  test.each(cases)('a request with %j is answered %i', async (headers, status) => {
    const { post, log } = await start({ server: { token: new Secret('correct-horse') } });
    const answer = await post(create, { ...json, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect(JSON.stringify(log)).not.toContain('correct-horse');
  });

  test('health and metrics are open', async () => {
    const { url } = await start({ server: { token } });
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(url + path)).status).toBe(200);
    }
  });
});

describe('with TLS', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await testAuthority();
  });

  const send = (
    url: string,
    path: string,
    client?: { readonly cert: string; readonly key: string },
  ) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = httpsRequest(url + path, {
        method: path === '/events' ? 'POST' : 'GET',
        headers: json,
        ca: authority.ca.cert,
        agent: false,
        ...client,
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end(path === '/events' ? JSON.stringify(create) : undefined);
    });

  test('a client certificate of the CA is needed for events, not for health', async () => {
    const { ca, server, client } = authority;
    const stranger = await testAuthority();
    const { url } = await start({
      server: { tlsCertFile: server.cert, tlsKeyFile: server.private, tlsClientCaFile: ca.cert },
    });
    expect(url).toMatch(/^https:/);
    const post = (certificate: { readonly cert: string; readonly private: string }) =>
      send(url, '/events', { cert: certificate.cert, key: certificate.private });
    expect(await post(client)).toBe(200);
    expect(await post(stranger.client)).toBe(403);
    expect(await send(url, '/events')).toBe(403);
    expect(await send(url, '/healthz')).toBe(200);
  });

  test('without a CA for clients, everybody may post', async () => {
    const { server } = authority;
    const { url } = await start({
      server: { tlsCertFile: server.cert, tlsKeyFile: server.private },
    });
    expect(await send(url, '/events')).toBe(200);
  });
});
