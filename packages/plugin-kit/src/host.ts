import { setTimeout as delay } from 'node:timers/promises';

import { collectDefaultMetrics, type Registry } from 'prom-client';

import type { Clock } from './clock.js';

/** The process around a plugin. */
export interface Host {
  /** The command line after the program's name. */
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly writeOutput: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Calls back each time that the process is told to stop, with the signal's name. */
  readonly onStop: (listener: (signal: string) => void) => void;
  /** Adds the metrics of the process itself: memory, CPU, event loop. */
  readonly observeProcess: (registry: Registry) => void;
}

/** The running process. The one place of a plugin that reads the clock, the environment and signals. */
export function processHost(): Host {
  return {
    arguments: process.argv.slice(2),
    env: process.env,
    clock: {
      now: () => Date.now(),
      sleep: (milliseconds, signal) =>
        delay(Math.min(milliseconds, 2 ** 31 - 1), undefined, { signal }).catch(() => undefined),
    },
    random: () => Math.random(),
    writeOutput: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    onStop: (listener) => {
      process.on('SIGTERM', listener);
      process.on('SIGINT', listener);
    },
    observeProcess: (register) => collectDefaultMetrics({ register }),
  };
}
