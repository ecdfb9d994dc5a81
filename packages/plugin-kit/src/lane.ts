import type { Delivery } from './ledger.js';

/** A delivery with what its attempts came to. */
export interface Entry {
  readonly delivery: Delivery;
  attempts: number;
  /** When to attempt it, in milliseconds since 1970. */
  due: number;
}

/** What one recipient is owed. */
export class Lane {
  readonly recipient: string;
  /** No attempt before this, whichever delivery it is. */
  notBefore = 0;
  readonly #entries: Entry[] = [];
  #waiting: AbortController | undefined;

  constructor(recipient: string) {
    this.recipient = recipient;
  }

  add(delivery: Delivery): void {
    this.#entries.push({ delivery, attempts: 0, due: 0 });
    this.wake();
  }

  remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
  }

  /** The one that is due first, among the oldest of each request. */
  next(): Entry | undefined {
    const requests = new Set<string>();
    let first: Entry | undefined;
    for (const entry of this.#entries) {
      const { requestId } = entry.delivery.event;
      if (requests.has(requestId)) continue;
      requests.add(requestId);
      if (first === undefined || entry.due < first.due) first = entry;
    }
    return first;
  }

  hurry(): void {
    for (const entry of this.#entries) entry.due = 0;
    this.wake();
  }

  untilWoken(): AbortSignal {
    this.#waiting = new AbortController();
    return this.#waiting.signal;
  }

  wake(): void {
    this.#waiting?.abort();
  }
}
