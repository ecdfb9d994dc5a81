import { homedir, userInfo } from 'node:os';

import { dockerCredentials, type DockerCredentials } from '@teleport-plugins/auth';
import { announceSecrets, type Secret } from '@teleport-plugins/secrets';

import { StepError } from './error.js';

/**
 * The process that a step runs in: the only file that reads the clock and the environment and writes
 * to the console. Everything else is given a `Host`.
 */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Writes a line for people. */
  print(line: string): void;
  /** Writes a line for people that says what is wrong. */
  printError(line: string): void;
  /** Shows, on a terminal, what is going on in one line that is overwritten; nothing elsewhere. */
  readonly showStatus: ((line: string) => void) | undefined;
  /** Whether lines may be coloured. https://no-color.org */
  readonly color: boolean;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Has something closed or removed when the step is over, whichever way; the last one first. */
  atEnd(close: () => Promise<unknown>): void;
  /** Ends the step: closes what is open. */
  close(): Promise<void>;
  /** The logins that docker, podman and skopeo have stored; read when a registry asks for one. */
  readonly logins: DockerCredentials;
  /**
   * Has the program that masks this one's output, if there is one, mask these too: secrets that have arisen
   * since it started. To be awaited before they are used. Throws SecretsError `announcement-failed`.
   */
  announce(secrets: readonly Secret[]): Promise<void>;
  /** Who runs this, for receipts. */
  readonly user: string;
  /** The number of the user, where there is one. */
  readonly userId: number | undefined;
  readonly homeDirectory: string;
  /** The Node that runs this, as an absolute path. */
  readonly nodeProgram: string;
}

export function processHost(): Host {
  const { env, stdout } = process;
  // The SDK of AWS announces in every step that it will leave this version of Node some day.
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // Nx asks for colours in the programs that it starts, whatever was asked of itself.
  if ((env.NO_COLOR ?? '') !== '') delete env.FORCE_COLOR;
  const terminal = stdout.isTTY && env.CI === undefined && env.TERM !== 'dumb';
  const interruption = new AbortController();
  // Comes twice when a terminal and Nx both send it.
  const interrupt = (signal: NodeJS.Signals) =>
    interruption.abort(
      new StepError('interrupted', `interrupted by ${signal}; run the step again to finish it`),
    );
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const open: (() => Promise<unknown>)[] = [];
  const announced = new Set<string>();
  let status = '';

  return {
    env,
    now: () => new Date(),
    print: (line) => {
      clearStatus();
      console.log(line);
    },
    printError: (line) => {
      clearStatus();
      console.error(line);
    },
    showStatus: terminal ? showStatus : undefined,
    color: wantsColor(env, terminal),
    signal: interruption.signal,
    atEnd: (close) => void open.push(close),
    close: async () => {
      clearStatus();
      const failures: unknown[] = [];
      for (const each of open.reverse()) {
        await each().catch((error: unknown) => failures.push(error));
      }
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (failures.length > 0) throw failures[0];
    },
    logins: dockerCredentials({
      variables: env,
      homeDirectory: homedir(),
      ...(process.getuid && { userId: process.getuid() }),
    }),
    announce: async (secrets) => {
      const unknown = secrets.filter((secret) => !announced.has(secret.reveal()));
      await announceSecrets(env.WITH_SECRETS_SOCKET, unknown);
      for (const secret of unknown) announced.add(secret.reveal());
    },
    user: userName(),
    userId: process.getuid?.(),
    homeDirectory: homedir(),
    nodeProgram: process.execPath,
  };

  function showStatus(line: string): void {
    // A line that wraps could not be overwritten.
    status = line.slice(0, Math.max((stdout.columns || 80) - 1, 20));
    stdout.write(`\r${status}\x1b[K`);
  }

  function clearStatus(): void {
    if (status !== '') stdout.write('\r\x1b[K');
    status = '';
  }
}

/**
 * FORCE_COLOR says nothing here, because Nx sets it. What stands between this program and a terminal, and shows
 * colours there, says so in CLICOLOR_FORCE. https://bixense.com/clicolors
 */
export function wantsColor(env: Host['env'], isTerminal: boolean): boolean {
  const { NO_COLOR = '', CLICOLOR_FORCE = '' } = env;
  return NO_COLOR === '' && (isTerminal || !['', '0'].includes(CLICOLOR_FORCE));
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
