import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundlePlugin, spawnPlugin, teleportEvents } from '@teleport-plugins/plugin-kit/testing';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import packageJson from '../package.json' with { type: 'json' };
import { type FakeSlack, startFakeSlack, token } from './fake-slack.js';

// Processes start slowly on a machine that has much else to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const { create, review, update } = teleportEvents;
const env = { SLACK_TOKEN: token };

let build: string;
let bundle: string;
beforeAll(async () => {
  build = await mkdtemp(join(tmpdir(), 'plugin-slack-'));
  bundle = await bundlePlugin(join(import.meta.dirname, '../src/main.ts'), build);
});
afterAll(() => rm(build, { recursive: true }));

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
  onTestFinished(() => slack.close());
});

async function configFor(recipients: readonly string[], more = ''): Promise<string> {
  const file = join(await temporaryDirectory(), 'config.toml');
  await writeFile(
    file,
    `
[server]
listen = "127.0.0.1:0"
[slack]
token_env = "SLACK_TOKEN"
api_url = "${slack.url.href}"
message_interval = "0s"
[role_to_recipients]
"*" = ${JSON.stringify(recipients)}
${more}
`,
  );
  return file;
}

test('events become a thread in a channel and one with a person', async () => {
  const plugin = await spawnPlugin(bundle, await configFor(['#ops', 'alice@example.com']), env);
  expect((await plugin.post(create)).status).toBe(200);
  expect((await plugin.post([review, update])).status).toBe(200);
  const messages = await slack.posted(6);
  for (const channel of ['C0OPS', 'D0ALICE']) {
    const [first, ...replies] = messages.filter((message) => message.channel === channel);
    expect(replies.map(({ threadTs }) => threadTs)).toEqual([first?.ts, first?.ts]);
  }
  plugin.kill('SIGTERM');
  expect(await plugin.exit).toBe(0);
  expect(plugin.output()).not.toContain(token);
});

test('told to stop with a queue full of events, it posts every one of them, in its thread', async () => {
  const config = await configFor(
    ['#ops', 'alice@example.com'],
    '[queue]\nshutdown_grace = "60s"\n',
  );
  const plugin = await spawnPlugin(bundle, config, env);
  slack.fail('chat.postMessage', { status: 429, retryAfter: 1 }, { error: 'internal_error' });
  const events = Array.from({ length: 20 }, (_, index) => [
    { ...create, uid: `${index}`, id: `${index}` },
    { ...review, uid: `${index}`, id: `${index}` },
  ]).flat();
  expect((await plugin.post(events)).status).toBe(200);
  plugin.kill('SIGTERM');
  expect(await plugin.exit).toBe(0);
  const messages = slack.messages();
  expect(messages).toHaveLength(80);
  const roots = messages.filter(({ threadTs }) => threadTs === undefined);
  expect(roots).toHaveLength(40);
  expect(roots.every(({ edited }) => edited)).toBe(true);
});

test('killed and started again, it goes on in the threads of before', async () => {
  const config = await configFor(['#ops'], '[queue]\nstate_directory = "state"\n');
  const plugin = await spawnPlugin(bundle, config, env);
  await plugin.post(create);
  await plugin.logged('notified');
  slack.fail('chat.postMessage', 'hang');
  await plugin.post(review);
  await slack.called('chat.postMessage', 2);
  plugin.kill('SIGKILL');
  expect(await plugin.exit).toBe(null);

  const again = await spawnPlugin(bundle, config, env);
  const [first, reply] = await slack.posted(2);
  expect(reply?.threadTs).toBe(first?.ts);
  await again.logged('notified');
  again.kill('SIGTERM');
  expect(await again.exit).toBe(0);
});

test('it says which version it is', async () => {
  const plugin = await spawnPlugin(bundle, await configFor(['#ops']), env);
  const answer = await fetch(`${plugin.url}/healthz`);
  expect(await answer.json()).toEqual({
    status: 'ok',
    plugin: 'teleport-plugin-slack',
    version: packageJson.version,
  });
});

test('the event that the README posts is one', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, event = ''] = /-d '([^']+)'/.exec(readme) ?? [];
  const plugin = await spawnPlugin(bundle, await configFor(['#ops']), env);
  expect(await (await plugin.post(JSON.parse(event))).json()).toMatchObject({ accepted: 1 });
  const [message] = await slack.posted(1);
  expect(message?.text).toContain('alice requests access');
});
