export interface KeepOptions {
  /** How long a result serves, in milliseconds. */
  readonly keepFor: number;
  /** Milliseconds since some moment; never goes back. */
  readonly now: () => number;
}

export interface Kept<T> {
  /**
   * What has been obtained under that key, or is being obtained, or else what `obtain` gives. A failure
   * is told to all who wait for it, and not kept. Rejects with the caller's signal's reason when that is
   * aborted; when nobody waits any longer the work is aborted too.
   */
  get(key: string, obtain: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Has work that several callers want done once. */
export function keeping<T>({ keepFor, now }: KeepOptions): Kept<T> {
  const entries = new Map<string, Entry<T>>();

  const begin = (key: string, obtain: (signal: AbortSignal) => Promise<T>): Entry<T> => {
    const work = new AbortController();
    const entry: Entry<T> = { result: obtain(work.signal), work, waiting: 0, until: Infinity };
    const forget = () => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.result.then(() => {
      entry.until = now() + keepFor;
    }, forget);
    work.signal.addEventListener('abort', forget);
    entries.set(key, entry);
    return entry;
  };

  return {
    async get(key, obtain, signal) {
      signal?.throwIfAborted();
      const known = entries.get(key);
      const entry = known && now() < known.until ? known : begin(key, obtain);
      entry.waiting += 1;
      try {
        return await (signal ? unlessAborted(entry.result, signal) : entry.result);
      } finally {
        entry.waiting -= 1;
        if (entry.waiting === 0 && entry.until === Infinity) entry.work.abort();
      }
    },
  };
}

interface Entry<T> {
  readonly result: Promise<T>;
  readonly work: AbortController;
  waiting: number;
  /** When the result has served; `Infinity` as long as there is none. */
  until: number;
}

function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
