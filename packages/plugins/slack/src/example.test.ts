import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readExample } from '@teleport-plugins/plugin-kit/testing';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import release from '../release.json' with { type: 'json' };
import { slackPlugin } from './plugin.js';

test('the example works as it is and with every comment taken off, and shows every key', async () => {
  const secrets = { 'slack-token': 'xoxb-1', 'events-token': 'token' };
  const certificates = { 'server.crt': 'PEM', 'server.key': 'PEM', 'ca.crt': 'PEM' };
  const file = join(import.meta.dirname, '../teleport-plugin-slack.toml');
  const { missing, settings, full } = await readExample(slackPlugin, file, {
    ...secrets,
    ...certificates,
  });
  expect(missing).toEqual([]);
  expect(settings).toMatchObject({ slack: { messageInterval: 1000 } });
  expect(full).toMatchObject({
    slack: { messageInterval: 1000, apiUrl: new URL('https://slack.com/api/') },
  });
});

test('the configuration that the catalog shows works', async () => {
  const [, example = ''] = /```toml\n(.*?)```/s.exec(release.image.catalog.usage) ?? [];
  const file = join(await temporaryDirectory(), 'teleport-plugin-slack.toml');
  await writeFile(file, example);
  const { settings } = await readExample(slackPlugin, file, { 'slack-token': 'xoxb-1' });
  expect(settings).toMatchObject({ server: { listen: { port: 8080 } } });
});
