import { onTestFinished } from 'vitest';

import type { Clock } from '../clock.js';
import { openRegistry, type Registry, type RegistryOptions } from '../registry.js';

/** A registry of one test, whose pauses take no time. */
export function opened(host: string, options: RegistryOptions = {}): Registry {
  const registry = openRegistry(host, { clock: testClock(), random: () => 0, ...options });
  onTestFinished(() => registry.close());
  return registry;
}

export interface TestClock extends Clock {
  /** The pauses so far, in milliseconds. */
  readonly pauses: readonly number[];
  pass(milliseconds: number): void;
}

export function testClock(): TestClock {
  const pauses: number[] = [];
  let now = 0;
  return {
    pauses,
    now: () => now,
    async sleep(milliseconds, signal) {
      await Promise.resolve();
      signal?.throwIfAborted();
      pauses.push(milliseconds);
      now += milliseconds;
    },
    pass(milliseconds) {
      now += milliseconds;
    },
  };
}
