import { type Backoff, delayAfter } from './backoff.js';
import type { Clock } from './clock.js';
import { messageOf, PluginError } from './error.js';
import { type Entry, Lane } from './lane.js';
import type { Delivery } from './ledger.js';

/** How an owed notification ended. */
export type Settlement =
  | { readonly delivered: true; readonly thread: string | undefined }
  | { readonly delivered: false; readonly error: PluginError };

export interface DeliveryQueueOptions {
  /**
   * One attempt; the result is where the notification is, for later ones about the same request.
   * An error that is not a PluginError of a delivery counts as `delivery-failed`.
   */
  readonly deliver: (delivery: Delivery, signal: AbortSignal) => Promise<string | undefined>;
  /** Told once per delivery; the next one to the same recipient waits for it. Must not reject. */
  readonly onSettled: (delivery: Delivery, settlement: Settlement) => Promise<void>;
  /** Told of an attempt that will be repeated, with the delay in milliseconds. */
  readonly onRetry: (delivery: Delivery, error: PluginError, delay: number) => void;
  readonly clock: Clock;
  readonly random: () => number;
  /** Attempts under way at once, over all recipients. */
  readonly concurrency: number;
  /** The least time from one attempt to the next one to the same recipient, in milliseconds. */
  readonly spacing: number;
  readonly backoff: Backoff;
  /** A delivery that is older than this is not attempted again, in milliseconds. */
  readonly giveUpAfter: number;
}

/** Carries deliveries out until each is settled. */
export interface DeliveryQueue {
  add(deliveries: readonly Delivery[]): void;
  /** How many are not settled. */
  readonly size: number;
  /**
   * Carries out what there is, without waiting for the backoffs of now, and resolves when all is
   * settled. When `deadline` aborts before, it cuts attempts off, and the queue does nothing any more.
   */
  drain(deadline: AbortSignal): Promise<void>;
}

/**
 * Recipients are served side by side, each by one attempt at a time. Notifications about one
 * request reach a recipient in order; those about other requests do not wait for its retries.
 */
export function createDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueue {
  const { clock, spacing, concurrency } = options;
  const lanes = new Map<string, Lane>();
  const serving = new Set<Promise<void>>();
  const stopping = new AbortController();
  // One for each attempt under way: listeners on a signal that lives as long as the queue add up.
  const cutOffs = new Set<AbortController>();
  const slots = createSlots(concurrency);
  let size = 0;
  let emptied = (): void => undefined;

  const serve = async (lane: Lane): Promise<void> => {
    for (let next = lane.next(); next !== undefined; next = lane.next()) {
      const wait = Math.max(next.due, lane.notBefore) - clock.now();
      if (wait > 0) {
        await clock.sleep(wait, lane.untilWoken());
        if (isAborted(stopping.signal)) return;
        continue;
      }
      await slots.take();
      if (!isAborted(stopping.signal)) await attempt(lane, next);
      slots.give();
      if (isAborted(stopping.signal)) return;
    }
    lanes.delete(lane.recipient);
    if (size === 0) emptied();
  };

  const attempt = async (lane: Lane, entry: Entry): Promise<void> => {
    lane.notBefore = clock.now() + spacing;
    entry.attempts += 1;
    const settlement = await tryOnce(entry.delivery);
    if (settlement === undefined) return;
    const retry = settlement.delivered ? undefined : retryAt(entry, settlement.error);
    if (!settlement.delivered && retry !== undefined) {
      entry.due = retry;
      const { retryAfter } = settlement.error;
      if (retryAfter !== undefined) lane.notBefore = clock.now() + retryAfter;
      options.onRetry(entry.delivery, settlement.error, retry - clock.now());
      return;
    }
    await options.onSettled(entry.delivery, settlement);
    lane.remove(entry);
    size -= 1;
  };

  /** `undefined` when the attempt was cut off: whether it arrived is not known. */
  const tryOnce = async (delivery: Delivery): Promise<Settlement | undefined> => {
    const cutOff = new AbortController();
    cutOffs.add(cutOff);
    try {
      return { delivered: true, thread: await options.deliver(delivery, cutOff.signal) };
    } catch (error) {
      return cutOff.signal.aborted ? undefined : { delivered: false, error: deliveryError(error) };
    } finally {
      cutOffs.delete(cutOff);
    }
  };

  const retryAt = ({ attempts, delivery }: Entry, error: PluginError): number | undefined => {
    if (error.code === 'delivery-refused') return undefined;
    const delay = delayAfter(attempts, options.backoff, options.random);
    const at = clock.now() + Math.max(delay, error.retryAfter ?? 0);
    return at - delivery.acceptedAt > options.giveUpAfter ? undefined : at;
  };

  return {
    add(deliveries) {
      for (const delivery of deliveries) {
        size += 1;
        const lane = lanes.get(delivery.recipient);
        if (lane !== undefined) {
          lane.add(delivery);
          continue;
        }
        const created = new Lane(delivery.recipient);
        created.add(delivery);
        lanes.set(delivery.recipient, created);
        const served = serve(created).finally(() => serving.delete(served));
        serving.add(served);
      }
    },
    get size() {
      return size;
    },
    async drain(deadline) {
      for (const lane of lanes.values()) lane.hurry();
      const settled = new Promise<void>((resolve) => {
        emptied = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
      if (size > 0 && !deadline.aborted) await settled;
      stopping.abort();
      for (const cutOff of cutOffs) cutOff.abort();
      for (const lane of lanes.values()) lane.wake();
      await Promise.all(serving);
    },
  };
}

/** At most `count` holders at once; the others wait in turn. */
function createSlots(count: number): { take(): Promise<void>; give(): void } {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: () => {
      if (free === 0) return new Promise<void>((resolve) => waiting.push(resolve));
      free -= 1;
      return Promise.resolve();
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

function deliveryError(error: unknown): PluginError {
  const isOurs = error instanceof PluginError && error.code.startsWith('delivery-');
  return isOurs ? error : new PluginError('delivery-failed', messageOf(error), { cause: error });
}

/** A function, because the compiler takes a signal that it saw not aborted for never aborted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
