import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '../src/clock.js';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves on step by step: whoever wakes up acts before the next one does. */
  advance(milliseconds: number): Promise<void>;
  /** Lets everything happen that needs no time to pass. */
  settle(): Promise<void>;
  /** How many sleep. */
  readonly sleepers: number;
}

export function manualClock(start = 1_000_000): ManualClock {
  let now = start;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  };
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + milliseconds, wake: () => wake() };
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.add(sleeper);
        if (signal.aborted) wake();
        else signal.addEventListener('abort', wake, { once: true });
      }),
    async advance(milliseconds) {
      const until = now + milliseconds;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = until;
    },
    settle,
    get sleepers() {
      return sleepers.size;
    },
  };
}
