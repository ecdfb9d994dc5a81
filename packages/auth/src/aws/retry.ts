import type { STSClientConfig } from '@aws-sdk/client-sts';

type SdkRetry = NonNullable<STSClientConfig['retryStrategy']>;
export type RetryStrategy = Extract<SdkRetry, { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

export interface RetryOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** How often a call is made, at most. */
const mostAttempts = 5;

/** How long AWS may ask to be left alone, in milliseconds; who asks for more is not asked again. */
const longestRetryAfter = 60_000;

const longestDelay = 10_000;

/**
 * The SDK's own judgement of what passes (its standard mode), within a budget of our own: the SDK cuts
 * `Retry-After` short, and takes a used-up quota for throttling.
 */
export function retryStrategy({ sleep, random }: RetryOptions): RetryStrategy {
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0)),
    async refreshRetryTokenForRetry(used, { error, errorType }) {
      const count = used.getRetryCount();
      const isThrottled = errorType === 'THROTTLING';
      const passes = (isThrottled || errorType === 'TRANSIENT') && !isLasting(error);
      if (!passes || count + 1 >= mostAttempts) throw new Error('not to be repeated');
      const asked = retryAfter(error);
      if (asked !== undefined && asked > longestRetryAfter) throw new Error('too long to wait');
      // Spread out, so that those who failed at once do not all come back at once.
      const delay = Math.min((isThrottled ? 1000 : 250) * 2 ** count, longestDelay);
      await sleep((asked ?? delay / 2) + (random() * delay) / 2);
      return token(count + 1);
    },
    recordSuccess: () => undefined,
  };
}

function token(count: number): RetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => 0 };
}

/** What the SDK would repeat in vain: a used-up quota, and a server of this machine that is not there. */
function isLasting(error: unknown): boolean {
  const { name, code, errors = [error] } = error as NodeFailure;
  if (name === 'LimitExceededException') return true;
  const addresses = errors.map((each) => (each as NodeFailure).address ?? '');
  return code === 'ECONNREFUSED' && addresses.every((each) => /^(?:127\.|::1$)/.test(each));
}

interface NodeFailure {
  readonly name?: string;
  readonly code?: string;
  readonly address?: string;
  /** One for each address of a name. */
  readonly errors?: readonly unknown[];
}

/** How long an answer asks to be left alone, in milliseconds. https://datatracker.ietf.org/doc/html/rfc9110#section-10.2.3 */
export function retryAfter(error: unknown): number | undefined {
  const { $response } = (error ?? {}) as { $response?: { headers?: Record<string, string> } };
  const { 'retry-after': value = '', date = '' } = $response?.headers ?? {};
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // A date is read against the server's own clock: ours may be wrong.
  const delay = Date.parse(value) - Date.parse(date);
  return Number.isFinite(delay) ? Math.max(0, delay) : undefined;
}
