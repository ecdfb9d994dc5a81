import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';

import { Secret } from '@teleport-plugins/secrets';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { testAuthority, type TestAuthority } from '../test/certificates.js';
import { teleportEvents } from '../test/events.js';
import { type ManualClock, manualClock } from '../test/manual-clock.js';
import { type TestPlugin, testPlugin } from '../test/plugin.js';
import { parseDocument } from './config/document.js';
import { readConfig } from './config/read.js';
import { PluginError } from './error.js';
import { createLog } from './log.js';
import { type Service, startService } from './service.js';
import { type CommonSettings, commonTables } from './settings.js';

const { create, review, update } = teleportEvents;
const json = { 'content-type': 'application/json' };

interface Running extends Service {
  readonly plugin: TestPlugin;
  readonly clock: ManualClock;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

/** Starts a service on a port of its own, and stops it with the test. */
async function start(
  changes: Partial<{ [Name in 'queue' | 'server']: Partial<CommonSettings[Name]> }> = {},
  plugin: TestPlugin = testPlugin(),
): Promise<Running> {
  const defaults = readConfig(
    parseDocument('x.toml', '[server]\nlisten = "127.0.0.1:0"\n[role_to_recipients]\n"*" = "root"'),
    commonTables(plugin.recipient),
    {},
  );
  const settings: CommonSettings = {
    ...defaults,
    server: { ...defaults.server, ...changes.server },
    queue: { ...defaults.queue, ...changes.queue },
  };
  const clock = manualClock();
  const log: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string) => log.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
  const service = await startService(plugin, settings, {
    version: '1.2.3',
    clock,
    random: () => 0,
    log: createLog({ write, now: () => clock.now(), severity: 'debug' }),
  });
  onTestFinished(async () => {
    await service.stop(AbortSignal.abort());
  });
  const post: Running['post'] = (body, headers = json) =>
    fetch(`${service.url}/events`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { ...service, plugin, clock, log, post };
}

test('an event becomes a notification, and later ones find the request and the thread', async () => {
  const { post, plugin } = await start();
  const answer = await post(create);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ accepted: 1, duplicates: 0, ignored: 0 });
  await plugin.taken(1);
  await post([review, { event: 'user.login' }, create]);
  const [first, second] = await plugin.taken(2);
  expect(first).toMatchObject({ recipient: 'root', event: { uid: create.uid }, thread: undefined });
  expect(second).toMatchObject({
    recipient: 'root',
    event: { uid: review.uid },
    request: { user: 'alice' },
    thread: `thread ${create.id}`,
  });
});

test('events may come one per line, as Fluentd sends them', async () => {
  const { post, plugin } = await start();
  const lines = [create, review, update].map((event) => `${JSON.stringify(event)}\n`).join('');
  const answer = await post(lines, { 'content-type': 'application/x-ndjson' });
  expect(await answer.json()).toEqual({ accepted: 3, duplicates: 0, ignored: 0 });
  expect((await plugin.taken(3)).map(({ event }) => event.uid)).toEqual([
    create.uid,
    review.uid,
    update.uid,
  ]);
});

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

test('health says which version it is', async () => {
  const { url } = await start();
  const answer = await fetch(`${url}/healthz`);
  expect(await answer.json()).toEqual({
    status: 'ok',
    plugin: 'teleport-plugin-test',
    version: '1.2.3',
  });
});

test('metrics count events, attempts and what became of notifications', async () => {
  const { url, post, plugin, clock } = await start();
  plugin.behave(
    () => Promise.reject(new PluginError('delivery-failed', 'later')),
    () => Promise.reject(new PluginError('delivery-refused', 'never')),
  );
  await post([create, create, { event: 'user.login' }]);
  await post('{');
  await clock.advance(10_000);
  await post(review);
  await plugin.taken(1);
  await clock.settle();
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n');
  for (const line of [
    'teleport_plugin_info{plugin="teleport-plugin-test",version="1.2.3"} 1',
    'teleport_plugin_queue_capacity 10000',
    'teleport_plugin_queued_notifications 0',
    'teleport_plugin_events_total{outcome="accepted"} 2',
    'teleport_plugin_events_total{outcome="duplicate"} 1',
    'teleport_plugin_events_total{outcome="ignored"} 1',
    'teleport_plugin_events_total{outcome="refused"} 1',
    'teleport_plugin_attempts_total{result="failed"} 1',
    'teleport_plugin_attempts_total{result="refused"} 1',
    'teleport_plugin_attempts_total{result="delivered"} 1',
    'teleport_plugin_notifications_total{outcome="delivered"} 1',
    'teleport_plugin_notifications_total{outcome="dead"} 1',
    'teleport_plugin_http_requests_total{method="POST",path="/events",code="200"} 2',
  ]) {
    expect(lines).toContain(line);
  }
});

test('a notification that is given up is in the log with all of its event', async () => {
  const { post, plugin, clock, log } = await start();
  plugin.behave(() => Promise.reject(new PluginError('delivery-refused', 'no such channel')));
  await post(create);
  await clock.settle();
  expect(log).toContainEqual(
    expect.objectContaining({
      severity: 'error',
      message: 'notification given up',
      reason: 'no such channel',
      recipient: 'root',
      content: expect.objectContaining({ user: 'alice', roles: ['admin', 'dba'] }) as unknown,
    }),
  );
});

test('a destination that is out of reach at the start is in the log, and the service runs', async () => {
  const reason = 'mail:587: connection refused';
  const { post, log } = await start(
    {},
    testPlugin(() => Promise.reject(new Error(reason))),
  );
  expect((await post(create)).status).toBe(200);
  expect(log).toContainEqual(expect.objectContaining({ severity: 'error', reason }));
});

test('a certificate that is none is a PluginError', async () => {
  const server = { tlsCertFile: 'no certificate', tlsKeyFile: 'no key' };
  await expect(start({ server })).rejects.toMatchObject({
    code: 'listen-failed',
    message: expect.stringMatching(/^the certificate, its key or the CA/) as string,
  });
});

test('a port that is taken is a PluginError', async () => {
  const { url } = await start();
  const listen = { host: '127.0.0.1', port: Number(new URL(url).port) };
  await expect(start({ server: { listen } })).rejects.toMatchObject({
    code: 'listen-failed',
    message: expect.stringContaining(`cannot listen on 127.0.0.1:${listen.port}: `) as string,
  });
});

describe('stopping', () => {
  const never = new AbortController().signal;

  test('delivers what is owed, and answers 503 meanwhile', async () => {
    const { url, post, stop, plugin, clock } = await start();
    let release = (): void => undefined;
    plugin.behave(() => new Promise((resolve) => (release = () => resolve(undefined))));
    await post([create, review]);
    await clock.settle();
    const stopping = stop(never);
    const refused = await post(update);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    release();
    expect(await stopping).toEqual([]);
    expect(plugin.notifications.map(({ event }) => event.uid)).toEqual([create.uid, review.uid]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('at the deadline says what is still owed', async () => {
    const { post, stop, plugin } = await start();
    plugin.behave((_notification, signal) => untilAborted(signal));
    await post(create);
    expect(await stop(AbortSignal.abort())).toMatchObject([
      { recipient: 'root', event: { uid: create.uid } },
    ]);
  });

  test('with a state directory, the next start delivers it, with the thread of before', async () => {
    const stateDirectory = await temporaryDirectory();
    const first = await start({ queue: { stateDirectory } });
    first.plugin.behave(
      () => Promise.resolve('C1 5'),
      (_notification, signal) => untilAborted(signal),
    );
    await first.post(create);
    await first.plugin.taken(1);
    await first.post(review);
    expect(await first.stop(AbortSignal.abort())).toHaveLength(1);

    const second = await start({ queue: { stateDirectory } });
    const [notification] = await second.plugin.taken(1);
    expect(notification).toMatchObject({
      event: { uid: review.uid },
      request: { user: 'alice' },
      thread: 'C1 5',
    });
    expect(await (await second.post([create, review])).json()).toMatchObject({ duplicates: 2 });
    expect(await second.stop(never)).toEqual([]);
    const third = await start({ queue: { stateDirectory } });
    expect(third.plugin.notifications).toEqual([]);
  });
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cut off')), { once: true });
  });
}
