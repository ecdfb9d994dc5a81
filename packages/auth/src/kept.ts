export interface KeepOptions<T> {
  /** How long a result serves, in milliseconds. */
  readonly keepFor: (result: T) => number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

interface GetOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Says of a result that was obtained before that it serves no longer, however young it is. */
  readonly isStale?: (result: T) => boolean;
}

export interface Kept<T> {
  /**
   * What has been obtained under that key, or is being obtained, or else what `obtain` gives. A failure
   * is told to all who wait for it, and not kept. Rejects with the caller's signal's reason when that is
   * aborted; when nobody waits any longer the work is aborted too.
   */
  get(
    key: string,
    obtain: (signal: AbortSignal) => Promise<T>,
    options?: GetOptions<T>,
  ): Promise<T>;
}

/** Has work that several callers want done once. */
export function keeping<T>({ keepFor, now }: KeepOptions<T>): Kept<T> {
  const entries = new Map<string, Entry<T>>();

  const begin = (key: string, obtain: (signal: AbortSignal) => Promise<T>): Entry<T> => {
    const work = new AbortController();
    const entry: Entry<T> = { result: obtain(work.signal), work, waiting: 0, obtained: undefined };
    const forget = () => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.result.then((value) => {
      entry.obtained = { value, until: now() + keepFor(value) };
    }, forget);
    work.signal.addEventListener('abort', forget);
    entries.set(key, entry);
    return entry;
  };

  return {
    async get(key, obtain, { signal, isStale = () => false } = {}) {
      signal?.throwIfAborted();
      const serves = ({ obtained }: Entry<T>) =>
        obtained === undefined || (now() < obtained.until && !isStale(obtained.value));
      const known = entries.get(key);
      const entry = known && serves(known) ? known : begin(key, obtain);
      entry.waiting += 1;
      try {
        return await (signal ? unlessAborted(entry.result, signal) : entry.result);
      } finally {
        entry.waiting -= 1;
        if (entry.waiting === 0 && entry.obtained === undefined) entry.work.abort();
      }
    },
  };
}

interface Entry<T> {
  readonly result: Promise<T>;
  readonly work: AbortController;
  waiting: number;
  /** The result, once there is one, and when it has served. */
  obtained: { readonly value: T; readonly until: number } | undefined;
}

function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
