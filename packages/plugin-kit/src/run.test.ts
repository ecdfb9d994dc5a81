import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { teleportEvents } from '../test/events.js';
import { manualClock } from '../test/manual-clock.js';
import { testPlugin, type TestPlugin } from '../test/plugin.js';
import type { Notifier } from './plugin.js';
import { runPlugin } from './run.js';

interface Run {
  readonly exit: Promise<number>;
  readonly output: () => string;
  readonly errors: () => string;
  readonly plugin: TestPlugin;
  readonly signal: () => void;
  readonly advance: (milliseconds: number) => Promise<void>;
  /** The log line with this message, as soon as it is written. */
  readonly logged: (message: string) => Promise<Readonly<Record<string, unknown>>>;
}

function run(...args: readonly string[]): Run {
  const clock = manualClock();
  const plugin = testPlugin();
  const output: string[] = [];
  const errors: string[] = [];
  let stop: (signal: string) => void = () => undefined;
  let written = (): void => undefined;
  const exit = runPlugin(plugin, '1.2.3', {
    arguments: args,
    env: {},
    clock,
    random: () => 0,
    writeOutput: (text) => {
      output.push(text);
      written();
    },
    writeError: (text) => errors.push(text),
    onStop: (listener) => (stop = listener),
    observeProcess: () => undefined,
  });
  return {
    exit,
    plugin,
    output: () => output.join(''),
    errors: () => errors.join(''),
    signal: () => stop('SIGTERM'),
    advance: (milliseconds) => clock.advance(milliseconds),
    async logged(message) {
      for (;;) {
        const line = output.find((each) => each.includes(`"message":"${message}"`));
        if (line !== undefined) return JSON.parse(line) as Readonly<Record<string, unknown>>;
        await new Promise<void>((resolve) => (written = resolve));
      }
    },
  };
}

async function config(text = ''): Promise<string> {
  const file = join(await temporaryDirectory(), 'plugin.toml');
  await writeFile(
    file,
    `[server]\nlisten = "127.0.0.1:0"\n[role_to_recipients]\n"*" = "root"\n${text}`,
  );
  return file;
}

/** Starts, and posts an event. */
async function started(text = '', ...behaviour: readonly Notifier['notify'][]): Promise<Run> {
  const running = run('--config', await config(text));
  running.plugin.behave(...behaviour);
  const { url } = await running.logged('listening');
  const answer = await fetch(`${String(url)}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(teleportEvents.create),
  });
  expect(answer.status).toBe(200);
  return running;
}

test.each(['--version', '-v'])('%s prints name and version', async (flag) => {
  const { exit, output } = run(flag);
  expect(await exit).toBe(0);
  expect(output()).toBe('teleport-plugin-test 1.2.3\n');
});

test('--help prints how to use it', async () => {
  const { exit, output } = run('--help');
  expect(await exit).toBe(0);
  expect(output()).toContain('Usage: teleport-plugin-test [--config FILE]');
});

describe('ends with 2 and one message', () => {
  test.each([
    [['--confg', 'x'], "teleport-plugin-test: Unknown option '--confg'"],
    [['start'], "teleport-plugin-test: Unexpected argument 'start'"],
    [['--config'], "teleport-plugin-test: Option '-c, --config <value>' argument missing"],
    [
      ['--config', '/nowhere.toml'],
      "open '/nowhere.toml': write one (the README has an example), or name another with --config",
    ],
    [[], "open '/etc/teleport-plugin-test.toml': write one"],
  ])('for the arguments %j', async (args, message) => {
    const { exit, errors, output } = run(...args);
    expect(await exit).toBe(2);
    expect(errors()).toContain(message);
    expect(output()).toBe('');
  });

  test('for a configuration with a mistake, and names file and line', async () => {
    const file = await config('[queue]\ncapcity = 5\n');
    const { exit, errors } = run('--config', file);
    expect(await exit).toBe(2);
    expect(errors()).toBe(
      `teleport-plugin-test: ${file}:6: [queue] capcity: not a known key; did you mean capacity?\n`,
    );
  });

  test('for a configuration without recipients for any role', async () => {
    const file = join(await temporaryDirectory(), 'plugin.toml');
    await writeFile(file, '[role_to_recipients]\ndev = "root"\n');
    const { exit, errors } = run('--config', file);
    expect(await exit).toBe(2);
    expect(errors()).toContain(`${file}:1: [role_to_recipients]: "*" is missing`);
  });
});

test('ends with 1 when it cannot keep its state', async () => {
  const { exit, errors } = run(
    '--config',
    await config('[queue]\nstate_directory = "plugin.toml"\n'),
  );
  expect(await exit).toBe(1);
  expect(errors()).toMatch(/^teleport-plugin-test: .*plugin\.toml\/journal: /);
});

test('an open address other than loopback is warned of', async () => {
  const file = join(await temporaryDirectory(), 'plugin.toml');
  await writeFile(file, '[server]\nlisten = "0.0.0.0:0"\n[role_to_recipients]\n"*" = "root"\n');
  const { exit, logged, signal } = run('--config', file);
  await logged('whoever reaches this address can send notifications: set [server] token_file');
  signal();
  expect(await exit).toBe(0);
});

describe('told to stop, it', () => {
  test('delivers what it accepted and ends with 0', async () => {
    const { exit, plugin, signal, logged } = await started();
    signal();
    expect(await exit).toBe(0);
    expect(plugin.notifications).toHaveLength(1);
    expect(await logged('stopped')).toMatchObject({ severity: 'info', owed: 0 });
  });

  test('names what is lost when the grace is over, and ends with 1', async () => {
    const { exit, logged, signal, advance } = await started('', hang);
    signal();
    await advance(8000);
    expect(await exit).toBe(1);
    expect(await logged('notification lost')).toMatchObject({
      severity: 'error',
      recipient: 'root',
      content: { user: 'alice' },
    });
    expect(await logged('stopped with notifications owed: they are lost')).toMatchObject({
      owed: 1,
    });
  });

  test('ends with 0 when the grace is over and a state directory keeps the rest', async () => {
    const { exit, logged, signal, advance } = await started(
      '[queue]\nstate_directory = "state"\nshutdown_grace = "1s"\n',
      hang,
    );
    signal();
    await advance(1000);
    expect(await exit).toBe(0);
    expect(await logged('stopped with notifications owed: they are kept')).toMatchObject({
      owed: 1,
    });
  });

  test('ends at once when it is told twice', async () => {
    const { exit, logged, signal } = await started('', hang);
    signal();
    await logged('stopping');
    signal();
    expect(await exit).toBe(1);
  });
});

/** A notification that does not end by itself. */
const hang: Notifier['notify'] = (_notification, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cut off')));
  });
