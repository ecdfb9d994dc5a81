import { setMaxListeners } from 'node:events';

/** How much may happen at once, and what stops it. */
export interface ParallelOptions {
  /** Pieces of work under way at once; an integer of at least 1. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work for every item, several at once, and returns the results in the order of the items.
 * The first failure (or the caller's abort) aborts the signal that the others were given, and is
 * thrown, alone, when all of them have come to rest: nothing goes on behind the back of whoever
 * handles it.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  options: ParallelOptions,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  if (!(options.concurrency >= 1)) {
    throw new RangeError(`concurrency must be at least 1, found ${options.concurrency}`);
  }
  const stop = new AbortController();
  const { signal } = stop;
  // As many listeners as there are requests under way: no leak.
  setMaxListeners(0, signal);
  const onAbort = () => {
    stop.abort(options.signal?.reason);
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();

  const results = new Array<Result>(items.length);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [position, item] of queue) {
      signal.throwIfAborted();
      results[position] = await work(item, signal);
    }
  };
  const workers = Array.from({ length: Math.min(options.concurrency, items.length) }, () =>
    worker().catch((error: unknown) => {
      // The first one counts: a signal is aborted once.
      stop.abort(error);
    }),
  );
  await Promise.all(workers);
  options.signal?.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  return results;
}

/** Two things at the same time, under the rules of `inParallel`. */
export async function together<First, Second>(
  signal: AbortSignal | undefined,
  first: (signal: AbortSignal) => Promise<First>,
  second: (signal: AbortSignal) => Promise<Second>,
): Promise<readonly [First, Second]> {
  const results = await inParallel<typeof first | typeof second, First | Second>(
    [first, second],
    { concurrency: 2, signal },
    (work, linked) => work(linked),
  );
  return results as readonly [First, Second];
}
