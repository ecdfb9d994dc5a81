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
  /** Stops listening for that. */
  close(): void;
}

/** Makes this run of Nx neither read nor write its cache. */
export function skipNxCache(): void {
  process.env.NX_SKIP_NX_CACHE = 'true';
}

export function processHost(): Host {
  const { env, stdout } = process;
  const terminal = stdout.isTTY && env.CI === undefined && env.TERM !== 'dumb';
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) =>
    interruption.abort(
      new StepError('interrupted', `interrupted by ${signal}; run the step again to finish it`),
    );
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
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
    color: terminal && (env.NO_COLOR ?? '') === '',
    signal: interruption.signal,
    close: () => {
      clearStatus();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
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
