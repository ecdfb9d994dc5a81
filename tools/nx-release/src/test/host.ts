import { dockerCredentials } from '@teleport-plugins/auth';

import type { Host } from '../host.js';

/** A host that remembers what it was told to print. */
export interface TestHost extends Host {
  readonly printed: string[];
  readonly errors: string[];
  /** What was shown in the one line that is overwritten. */
  readonly statuses: string[];
  /** The secrets that were to be masked. */
  readonly announced: Set<string>;
}

export interface TestHostOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: one that is not there. */
  readonly homeDirectory?: string;
  /** Default: a clock of 2026 that goes on by a second with each look at it. */
  readonly now?: () => Date;
  readonly terminal?: boolean;
  /** Ends the step, as Ctrl-C does, when it prints a line like this. */
  readonly interruptAt?: RegExp;
  /** Ends it when this is aborted. */
  readonly signal?: AbortSignal;
  readonly onPrint?: (line: string) => void;
}

export function testHost(options: TestHostOptions = {}): TestHost {
  const interruption = new AbortController();
  const closers: (() => Promise<unknown>)[] = [];
  const [printed, errors, statuses]: [string[], string[], string[]] = [[], [], []];
  const announced = new Set<string>();
  let time = Date.UTC(2026, 0, 1);
  return {
    env: { PATH: process.env.PATH, ...options.env },
    now: options.now ?? (() => new Date((time += 1000))),
    print: (line) => {
      printed.push(line);
      options.onPrint?.(line);
      if (options.interruptAt?.test(line) === true) {
        interruption.abort(new Error('interrupted by SIGINT'));
      }
    },
    printError: (line) => errors.push(line),
    showStatus: options.terminal === true ? (line) => statuses.push(line) : undefined,
    color: false,
    signal: AbortSignal.any([interruption.signal, ...(options.signal ? [options.signal] : [])]),
    atEnd: (close) => closers.push(close),
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
    logins: dockerCredentials({ variables: { ...options.env }, homeDirectory: '/nonexistent' }),
    announce: (secrets) => {
      for (const secret of secrets) announced.add(secret.reveal());
      return Promise.resolve();
    },
    announced,
    user: 'tester',
    userId: process.getuid?.(),
    homeDirectory: options.homeDirectory ?? '/nonexistent',
    nodeProgram: process.execPath,
    printed,
    errors,
    statuses,
  };
}
