import { failedWith, type ObjectStore } from '../index.js';

/** How often each writer has added to a document. */
export type Counts = Readonly<Record<string, number>>;

/** Adds one for a writer to a document that others change as well, by compare-and-swap. */
export async function addOne(store: ObjectStore, key: string, writer: string): Promise<void> {
  await change(store, key, (counts) => ({ ...counts, [writer]: (counts[writer] ?? 0) + 1 }));
}

/** Changes a document that others change as well, by compare-and-swap. */
export async function change(
  store: ObjectStore,
  key: string,
  next: (counts: Counts) => Counts,
): Promise<void> {
  for (;;) {
    const current = await store.get(key);
    const counts = current ? parse(await current.bytes(64 * 1024)) : {};
    const mode = current ? { replace: current.version } : 'create';
    try {
      const body = Buffer.from(JSON.stringify(next(counts)));
      await store.put(key, body, { mode, contentType: 'application/json' });
      return;
    } catch (error) {
      if (!failedWith(error, 'exists', 'changed')) throw error;
    }
  }
}

export async function countsIn(store: ObjectStore, key: string): Promise<Counts> {
  const object = await store.get(key);
  return object ? parse(await object.bytes(64 * 1024)) : {};
}

/** What so many writers have counted when nothing of any is lost. */
export function allCounted(writers: readonly string[], rounds: number): Counts {
  return Object.fromEntries(writers.map((writer) => [writer, rounds]));
}

function parse(bytes: Uint8Array): Counts {
  return JSON.parse(Buffer.from(bytes).toString()) as Counts;
}
