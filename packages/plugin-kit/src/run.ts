import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { parseDocument } from './config/document.js';
import { readConfig, type Settings, type Table } from './config/read.js';
import { messageOf, PluginError } from './error.js';
import type { Host } from './host.js';
import { createLog, type Log } from './log.js';
import { contentOf } from './notifying.js';
import type { Plugin } from './plugin.js';
import { type Service, startService } from './service.js';
import { type CommonSettings, commonTables } from './settings.js';

/** How a plugin's process ends. */
const exitCodes = { stopped: 0, failed: 1, misused: 2 } as const;

type AllSettings<Own> = CommonSettings & Settings<Own>;

/**
 * Runs a plugin from its command line until it is told to stop.
 *
 * @returns the exit code: 0 when it stopped and nothing accepted is lost, 1 when it failed or had to
 * drop what it had accepted, 2 for a command line or a configuration that is not right
 */
export async function runPlugin<Own extends Readonly<Record<string, Table<unknown>>>>(
  plugin: Plugin<Own>,
  version: string,
  host: Host,
): Promise<number> {
  const stop = stopSignals(host);
  try {
    const command = parseCommand(plugin.name, host);
    if (command.kind !== 'run') {
      host.writeOutput(command.kind === 'help' ? usage(plugin) : `${plugin.name} ${version}\n`);
      return exitCodes.stopped;
    }
    const settings = loadSettings(plugin, command.config, host.env);
    const { clock, random } = host;
    const log = createLog({ write: host.writeOutput, now: () => clock.now(), ...settings.log });
    const service = await startService(plugin, settings, { version, log, clock, random });
    host.observeProcess(service.metrics.registry);
    announce(plugin.name, version, service, settings, log);
    await stop.requested;
    return await stopService(service, settings, stop, host, log);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    host.writeError(`${plugin.name}: ${error.message}\n`);
    return error.code === 'usage-invalid' || error.code === 'config-invalid'
      ? exitCodes.misused
      : exitCodes.failed;
  }
}

type Command =
  { readonly kind: 'help' | 'version' } | { readonly kind: 'run'; readonly config: string };

function parseCommand(name: string, host: Host): Command {
  try {
    const { values } = parseArgs({
      args: [...host.arguments],
      options: {
        config: { type: 'string', short: 'c', default: `/etc/${name}.toml` },
        version: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { kind: 'help' };
    return values.version === true ? { kind: 'version' } : { kind: 'run', config: values.config };
  } catch (error) {
    throw new PluginError('usage-invalid', `${messageOf(error)} (see --help)`, { cause: error });
  }
}

function usage({ name, summary }: { readonly name: string; readonly summary: string }): string {
  return `${summary}

Usage: ${name} [--config FILE]

  -c, --config FILE  configuration, TOML (default: /etc/${name}.toml)
  -v, --version      print the version and exit
  -h, --help         print this and exit
`;
}

/** @throws PluginError config-invalid */
export function loadSettings<Own extends Readonly<Record<string, Table<unknown>>>>(
  plugin: Plugin<Own>,
  file: string,
  env: Host['env'],
): AllSettings<Own> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const hint = 'write one (the README has an example), or name another with --config';
    throw new PluginError('config-invalid', `${messageOf(error)}: ${hint}`, { cause: error });
  }
  const tables = { ...plugin.tables, ...commonTables(plugin.recipient) };
  return readConfig(parseDocument(file, text), tables, env);
}

function announce(
  plugin: string,
  version: string,
  { url }: Service,
  { server, queue }: CommonSettings,
  log: Log,
): void {
  log.info('listening', { plugin, version, url, stateDirectory: queue.stateDirectory });
  const open = server.token === undefined && server.tlsClientCaFile === undefined;
  const { hostname } = new URL(url);
  if (open && hostname !== '127.0.0.1' && hostname !== '[::1]') {
    log.warn('whoever reaches this address can send notifications: set [server] token_file');
  }
}

interface StopSignals {
  /** Resolves with the first request to stop. */
  readonly requested: Promise<void>;
  /** Aborts with the second one: whoever asks twice does not want to wait. */
  readonly insisted: AbortSignal;
}

function stopSignals(host: Host): StopSignals {
  const insisted = new AbortController();
  let request = (): void => undefined;
  const requested = new Promise<void>((resolve) => (request = resolve));
  let count = 0;
  host.onStop(() => {
    count += 1;
    if (count === 1) request();
    else insisted.abort();
  });
  return { requested, insisted: insisted.signal };
}

async function stopService(
  service: Service,
  { queue: { shutdownGrace, stateDirectory } }: CommonSettings,
  { insisted }: StopSignals,
  { clock }: Host,
  log: Log,
): Promise<number> {
  log.info('stopping', { grace: shutdownGrace });
  const finished = new AbortController();
  const deadline = new AbortController();
  const untilInsisted = AbortSignal.any([insisted, finished.signal]);
  void clock.sleep(shutdownGrace, untilInsisted).then(() => deadline.abort());
  const owed = await service.stop(deadline.signal);
  finished.abort();
  if (owed.length === 0) {
    log.info('stopped', { owed: 0 });
    return exitCodes.stopped;
  }
  if (stateDirectory !== undefined) {
    log.warn('stopped with notifications owed: they are kept', {
      owed: owed.length,
      stateDirectory,
    });
    return exitCodes.stopped;
  }
  for (const delivery of owed) log.error('notification lost', contentOf(delivery));
  log.error('stopped with notifications owed: they are lost', {
    owed: owed.length,
    advice: 'set [queue] state_directory to keep them, or a longer shutdown_grace',
  });
  return exitCodes.failed;
}
