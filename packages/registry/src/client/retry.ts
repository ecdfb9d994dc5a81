import { RegistryError } from '../error.js';
import type { Clock } from './clock.js';

export interface RetryOptions {
  /** How often a request is repeated, at most. */
  readonly retries: number;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/**
 * How long a registry may ask to be left alone (`Retry-After`), in milliseconds. It is honoured as it is
 * given; who asks for more is not asked again.
 */
export const longestRetryAfter = 60_000;

const firstDelay = 250;
const longestDelay = 10_000;

/** The repetitions that one piece of work has left. */
export interface RetryBudget {
  /**
   * Waits for the moment to try again. Throws the error instead when that is no use, because the error is
   * not transient or nothing is left.
   */
  pause(error: unknown, signal: AbortSignal | undefined): Promise<void>;
  /** The work got on: it has all its repetitions again. */
  renew(): void;
}

export function retryBudget({ retries, clock, random }: RetryOptions): RetryBudget {
  let used = 0;
  return {
    async pause(error, signal) {
      if (!(error instanceof RegistryError) || !error.transient) throw error;
      if ((error.retryAfter ?? 0) > longestRetryAfter) throw error;
      if (used >= retries * patienceFor(error))
        throw used === 0 ? error : exhausted(error, used + 1);
      // Spread out, so that those who failed at once do not all come back at once.
      const delay = Math.min(firstDelay * 2 ** used, longestDelay);
      const spread = (random() * delay) / 2;
      used += 1;
      await clock.sleep((error.retryAfter ?? delay / 2) + spread, signal);
    },
    renew() {
      used = 0;
    },
  };
}

/**
 * Whose turn does not come among others that push to the same registry, and who is not told when to come back, has
 * twice the repetitions: each has as good a chance as the one before.
 */
function patienceFor({ code, retryAfter }: RegistryError): number {
  return code === 'throttled' && retryAfter === undefined ? 2 : 1;
}

/** Does the work, again as long as it fails for reasons that pass. */
export async function retried<T>(
  options: RetryOptions,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const budget = retryBudget(options);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await budget.pause(error, signal);
    }
  }
}

/** In milliseconds. https://datatracker.ietf.org/doc/html/rfc9110#section-10.2.3 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // A date is read against the server's own clock: ours may be wrong.
  const delay = Date.parse(value) - Date.parse(date ?? '');
  return Number.isFinite(delay) ? Math.max(0, delay) : undefined;
}

function exhausted(error: RegistryError, times: number): RegistryError {
  const { code, message, status, transient, retryAfter } = error;
  return new RegistryError(code, `${message} (tried ${times} times)`, {
    status,
    transient,
    retryAfter,
    cause: error,
  });
}
