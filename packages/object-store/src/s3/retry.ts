import { ObjectStoreError } from '../error.js';
import type { Tuning } from './options.js';

const firstDelay = 200;
const longestDelay = 10_000;

/** The repetitions that one piece of work has left. */
export interface RetryBudget {
  /**
   * Waits for the moment to try again. Throws the error instead when that is no use, because it is not
   * transient or nothing is left.
   */
  pause(error: unknown, signal: AbortSignal | undefined): Promise<void>;
  /** The work got on: it has all its repetitions again. */
  renew(): void;
}

export function retryBudget({ retries, sleep, random }: Tuning): RetryBudget {
  let used = 0;
  return {
    async pause(error, signal) {
      if (!(error instanceof ObjectStoreError) || !error.transient) throw error;
      if (used >= retries) throw used === 0 ? error : exhausted(error, used + 1);
      // Spread out, so that those who failed at once do not all come back at once.
      const delay = Math.min(firstDelay * 2 ** used, longestDelay);
      used += 1;
      await sleep((delay / 2) * (1 + random()), signal);
      signal?.throwIfAborted();
    },
    renew() {
      used = 0;
    },
  };
}

function exhausted(error: ObjectStoreError, times: number): ObjectStoreError {
  const { code, message, transient, cause } = error;
  return new ObjectStoreError(code, `${message} (tried ${times} times)`, { cause, transient });
}
