import { onTestFinished } from 'vitest';

import { parseDocument } from '../src/config/document.js';
import { readConfig } from '../src/config/read.js';
import { createLog } from '../src/log.js';
import { type Service, startService } from '../src/service.js';
import { type CommonSettings, commonTables } from '../src/settings.js';
import { type ManualClock, manualClock } from './manual-clock.js';
import { type TestPlugin, testPlugin } from './plugin.js';

export const json = { 'content-type': 'application/json' };

/** A service that a test runs, with all that it sees and says. */
export interface Running extends Service {
  readonly plugin: TestPlugin;
  readonly clock: ManualClock;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

/** Starts a service on a port of its own, and stops it with the test. */
export async function start(
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

/** A notification that does not end by itself. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cut off')), { once: true });
  });
}
