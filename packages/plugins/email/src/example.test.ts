import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readExample } from '@teleport-plugins/plugin-kit/testing';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import release from '../release.json' with { type: 'json' };
import { emailPlugin } from './plugin.js';

test('the example works as it is and with every comment taken off, and shows every key', async () => {
  const secrets = { 'smtp-password': 'hunter2', 'smtp-ca.pem': 'PEM', 'events-token': 'token' };
  const certificates = { 'server.crt': 'PEM', 'server.key': 'PEM', 'ca.crt': 'PEM' };
  const file = join(import.meta.dirname, '../teleport-plugin-email.toml');
  const { missing, settings, full } = await readExample(emailPlugin, file, {
    ...secrets,
    ...certificates,
  });
  expect(missing).toEqual([]);
  expect(settings).toMatchObject({
    smtp: { host: 'smtp.example.com', security: 'starttls', port: undefined },
    delivery: { sender: { name: 'Teleport', address: 'teleport@example.com' } },
    queue: { stateDirectory: undefined },
  });
  // What the comments call a default is one.
  const defaults = {
    server: { listen: { host: '0.0.0.0', port: 8080 }, maxBodyBytes: 8 * 1024 * 1024 },
    queue: { capacity: 10_000, concurrency: 4, giveUpAfter: 43_200_000, shutdownGrace: 8000 },
    log: { severity: 'info' },
  };
  expect(settings).toMatchObject(defaults);
  expect(full).toMatchObject(defaults);
});

test('the configuration that the catalog shows works', async () => {
  const [, example = ''] = /```toml\n(.*?)```/s.exec(release.image.catalog.usage) ?? [];
  const file = join(await temporaryDirectory(), 'teleport-plugin-email.toml');
  await writeFile(file, example);
  const { settings } = await readExample(emailPlugin, file, { 'smtp-password': 'hunter2' });
  expect(settings).toMatchObject({ server: { listen: { port: 8080 } } });
});
