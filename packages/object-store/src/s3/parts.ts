import { setMaxListeners } from 'node:events';

/** The bytes of a content in pieces of one size, but for the last one. */
export async function* piecesOfSize(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncIterable<Uint8Array> {
  let buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const piece of content) {
    for (let at = 0; at < piece.byteLength;) {
      const part = piece.subarray(at, at + size - filled);
      buffer.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled < size) continue;
      yield buffer;
      // A new one, because the reader still has that one.
      buffer = Buffer.allocUnsafe(size);
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/**
 * Does the work for every item as it comes, several at once, and returns the results in the order of the
 * items. The next item is asked for only when there is room for it. The first failure (or the caller's
 * abort) stops the others, and is thrown, alone, when all of them have come to rest.
 */
export async function inWindow<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  options: { readonly concurrency: number; readonly signal: AbortSignal },
  work: (item: Item, position: number, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  // As many listeners as there are requests under way: no leak.
  setMaxListeners(0, signal);
  const results: Result[] = [];
  const running = new Set<Promise<void>>();
  let position = 0;
  try {
    for await (const item of items) {
      const at = position;
      position += 1;
      const task = work(item, at, signal)
        .then((result) => void (results[at] = result))
        .catch((error: unknown) => {
          stop.abort(error);
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= options.concurrency) await Promise.race(running);
      signal.throwIfAborted();
    }
  } catch (error) {
    // The first one counts: a signal is aborted once.
    stop.abort(error);
  }
  await Promise.all(running);
  signal.throwIfAborted();
  return results;
}
