/** How delays between attempts grow. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly first: number;
  readonly longest: number;
}

/**
 * The delay after a failed attempt: doubled each time up to the longest, and then shortened by up
 * to a half at random, so that what failed together does not come back together.
 *
 * @param attempt how many attempts there have been, from 1
 * @param random returns numbers from 0 up to but not including 1
 */
export function delayAfter(attempt: number, backoff: Backoff, random: () => number): number {
  const grown = Math.min(backoff.longest, backoff.first * 2 ** (attempt - 1));
  return Math.round(grown * (1 - random() / 2));
}
