import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundlePlugin, spawnPlugin, teleportEvents } from '@teleport-plugins/plugin-kit/testing';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import packageJson from '../package.json' with { type: 'json' };
import { type MailServers, startMailServers } from './mail-servers.js';

// Processes start slowly on a machine that has much else to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const { create, review, update } = teleportEvents;

let servers: MailServers;
let build: string;
let bundle: string;
beforeAll(async () => {
  build = await mkdtemp(join(tmpdir(), 'plugin-email-'));
  servers = await startMailServers();
  bundle = await bundlePlugin(join(import.meta.dirname, '../src/main.ts'), build);
});
afterAll(async () => {
  servers.stop();
  await rm(build, { recursive: true });
});

async function configFor(recipients: readonly string[], more = ''): Promise<string> {
  const file = join(await temporaryDirectory(), 'config.toml');
  const { ports, ca } = servers;
  await writeFile(`${file}.ca`, ca);
  await writeFile(
    file,
    `
[server]
listen = "127.0.0.1:0"
[smtp]
host = "localhost"
port = ${ports.starttls}
username = "teleport"
password_env = "SMTP_PASSWORD"
ca_file = "config.toml.ca"
[delivery]
sender = "Teleport <teleport@example.com>"
[role_to_recipients]
"*" = ${JSON.stringify(recipients)}
${more}
`,
  );
  return file;
}

const env = { SMTP_PASSWORD: 'correct horse' };

test('events become a thread of mails', async () => {
  const plugin = await spawnPlugin(bundle, await configFor(['thread@example.com']), env);
  expect((await plugin.post(create)).status).toBe(200);
  expect((await plugin.post([review, update])).status).toBe(200);
  const mails = await servers.mailsTo('thread@example.com', 3);
  const [first, ...later] = await Promise.all(
    mails.map(({ raw }) => simpleParser(Buffer.from(raw, 'latin1'))),
  );
  expect(first?.subject).toBe('[teleport.example.com] Access: alice requests admin, dba');
  expect(later.map(({ inReplyTo }) => inReplyTo)).toEqual([first?.messageId, first?.messageId]);
  expect(mails[0]).toMatchObject({ secure: true, user: 'teleport', from: 'teleport@example.com' });
  plugin.kill('SIGTERM');
  expect(await plugin.exit).toBe(0);
  expect(plugin.output()).not.toContain(env.SMTP_PASSWORD);
});

test('told to stop with a queue full of events, it delivers every one of them', async () => {
  const recipients = [
    'drain-1@example.com',
    'drain-2@example.com',
    'drain-3@example.com',
    'greylisted-drain@example.com',
  ];
  const config = await configFor(recipients, '[queue]\nshutdown_grace = "60s"\nconcurrency = 2\n');
  const plugin = await spawnPlugin(bundle, config, env);
  const events = Array.from({ length: 25 }, (_, index) => ({
    ...create,
    uid: `${index}`,
    id: `${index}`,
  }));
  expect((await plugin.post(events)).status).toBe(200);
  plugin.kill('SIGTERM');
  expect(await plugin.exit).toBe(0);
  for (const recipient of recipients) {
    const ids = (await servers.mailsTo(recipient, 25)).map(
      ({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1],
    );
    expect(new Set(ids).size).toBe(25);
    expect(ids).toHaveLength(25);
  }
  expect(plugin.lines('stopped')).toMatchObject([{ owed: 0 }]);
});

test('killed with a queue full of events, it delivers what is left at the next start', async () => {
  const recipients = ['killed@example.com', 'greylisted-killed@example.com'];
  const config = await configFor(recipients, '[queue]\nstate_directory = "state"\n');
  const plugin = await spawnPlugin(bundle, config, env);
  const events = Array.from({ length: 10 }, (_, index) => ({
    ...create,
    uid: `${index}`,
    id: `${index}`,
  }));
  expect((await plugin.post(events)).status).toBe(200);
  plugin.kill('SIGKILL');
  expect(await plugin.exit).toBe(null);

  const again = await spawnPlugin(bundle, config, env);
  for (const recipient of recipients) {
    const seen = new Set<string | undefined>();
    for (let count = 10; seen.size < 10; count += 1) {
      const mails = await servers.mailsTo(recipient, count);
      for (const { raw } of mails) seen.add(/^Message-ID: (.*)$/im.exec(raw)?.[1]);
    }
  }
  expect(await (await again.post(events)).json()).toEqual({
    accepted: 0,
    duplicates: 10,
    ignored: 0,
  });
  again.kill('SIGTERM');
  expect(await again.exit).toBe(0);
});

test('a mailbox that does not exist is given up loudly, and the others get their mail', async () => {
  const config = await configFor(['unknown@example.com', 'known@example.com']);
  const plugin = await spawnPlugin(bundle, config, env);
  await plugin.post(create);
  const [line] = await plugin.logged('notification given up');
  expect(line).toMatchObject({ recipient: 'unknown@example.com', content: { user: 'alice' } });
  expect(await servers.mailsTo('known@example.com')).toHaveLength(1);
  const metrics = await (await fetch(`${plugin.url}/metrics`)).text();
  expect(metrics).toContain('teleport_plugin_notifications_total{outcome="dead"} 1');
  expect(metrics).toContain('process_resident_memory_bytes');
});

test('it says which version it is', async () => {
  const plugin = await spawnPlugin(bundle, await configFor(['nobody@example.com']), env);
  const answer = await fetch(`${plugin.url}/healthz`);
  expect(await answer.json()).toEqual({
    status: 'ok',
    plugin: 'teleport-plugin-email',
    version: packageJson.version,
  });
});

test('the event that the README posts is one', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, event = ''] = /-d '([^']+)'/.exec(readme) ?? [];
  const plugin = await spawnPlugin(bundle, await configFor(['readme@example.com']), env);
  expect(await (await plugin.post(JSON.parse(event))).json()).toMatchObject({ accepted: 1 });
  const [mail] = await servers.mailsTo('readme@example.com');
  expect(mail?.raw).toContain('alice requests admin');
});
