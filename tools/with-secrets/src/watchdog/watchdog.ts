import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { WithSecretsError } from '../error.js';
import { watchdogScript } from './script.js';

/** A process that ends the command if this one is killed; dismissed when there is nothing left to end. */
export interface Watchdog extends Disposable {
  /** Has it watch over a process group: at once, also if this process is killed right after. */
  watch(group: number): void;
}

/**
 * Starts the watchdog: a shell that reads a pipe of this process, whose end it sees however this process ends.
 * It has no secret, a session of its own, and nobody's terminal or output.
 *
 * @param options.folder removed with the group; of the socket
 * @param options.grace in seconds, between asking and killing
 * @throws WithSecretsError `watchdog-failed`
 */
export async function startWatchdog({
  folder = '',
  grace,
}: {
  readonly folder?: string | undefined;
  readonly grace: number;
}): Promise<Watchdog> {
  const shell = spawn(
    '/bin/sh',
    ['-c', watchdogScript, 'with-secrets-watchdog', folder, `${grace}`],
    {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  try {
    await once(shell, 'spawn');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WithSecretsError(
      'watchdog-failed',
      `/bin/sh, which would end the command if with-secrets were killed, does not start (${why}); see that it can be run`,
      { cause },
    );
  }
  // Neither it nor its pipe keeps this process running, and whoever kills it takes its watch upon himself.
  shell.unref();
  shell.stdin.on('error', () => undefined);
  return {
    watch: (group) => void shell.stdin.write(`${group}\n`),
    [Symbol.dispose]: () => void shell.stdin.end('done\n'),
  };
}
