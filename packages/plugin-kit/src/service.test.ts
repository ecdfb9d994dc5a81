import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { teleportEvents } from '../test/events.js';
import { testPlugin } from '../test/plugin.js';
import { start, untilAborted } from '../test/running-service.js';
import { PluginError } from './error.js';

const { create, review, update } = teleportEvents;

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
