import type { AccessRequestEvent } from './access-request.js';
import type { Clock } from './clock.js';
import type { DeliveryQueue } from './delivery-queue.js';
import type { Journal } from './journal.js';
import { type AcceptedEvent, deliveriesOf, eventKey, type Ledger } from './ledger.js';
import { recipientsFor, type RoleToRecipients } from './recipients.js';

/** What became of the events of one request. They are accepted together or not at all. */
type Acceptance =
  /** They are kept now; duplicates of earlier ones were dropped. */
  | { readonly kind: 'accepted'; readonly accepted: number; readonly duplicates: number }
  /** No room for now. */
  | { readonly kind: 'full' }
  /** More notifications than there ever is room for. */
  | { readonly kind: 'oversized'; readonly notifications: number; readonly capacity: number }
  | { readonly kind: 'stopping' };

export interface IntakeOptions {
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly queue: DeliveryQueue;
  readonly roleToRecipients: RoleToRecipients;
  /** The most notifications that may be owed at once. */
  readonly capacity: number;
  readonly clock: Clock;
}

/** Accepts events: only what can be kept, and once. */
export interface Intake {
  /** @throws PluginError state-unusable when they cannot be written; nothing is accepted then */
  accept(events: readonly AccessRequestEvent[]): Promise<Acceptance>;
  /** Accepts nothing more; resolves when what is being accepted is. */
  close(): Promise<void>;
  readonly closed: boolean;
}

export function createIntake(options: IntakeOptions): Intake {
  const { ledger, journal, queue, capacity, clock } = options;
  let closed = false;
  let tail: Promise<unknown> = Promise.resolve();

  // One after the other: an event that is being written must be seen as a duplicate by the next.
  const accept = async (events: readonly AccessRequestEvent[]): Promise<Acceptance> => {
    const fresh = new Map(
      events.filter((event) => !ledger.hasSeen(event)).map((event) => [eventKey(event), event]),
    );
    const accepted = address([...fresh.values()], options, clock.now());
    const deliveries = accepted.flatMap(deliveriesOf);
    if (deliveries.length > capacity) {
      return { kind: 'oversized', notifications: deliveries.length, capacity };
    }
    if (queue.size + deliveries.length > capacity) return { kind: 'full' };
    if (accepted.length > 0) {
      const entries = accepted.map((each) => ({ kind: 'accepted' as const, accepted: each }));
      await journal.append(entries, { durable: true });
      queue.add(deliveries);
    }
    return { kind: 'accepted', accepted: fresh.size, duplicates: events.length - fresh.size };
  };

  return {
    accept(events) {
      if (closed) return Promise.resolve({ kind: 'stopping' });
      const acceptance = tail.then(() => accept(events));
      tail = acceptance.catch(() => undefined);
      return acceptance;
    },
    async close() {
      closed = true;
      await tail;
    },
    get closed() {
      return closed;
    },
  };
}

/**
 * A creation goes to the recipients of its roles. Later events do not say the roles: they go to
 * whom the creation went, or, when it was never seen, to the recipients of any role.
 */
function address(
  events: readonly AccessRequestEvent[],
  { ledger, roleToRecipients }: IntakeOptions,
  acceptedAt: number,
): readonly AcceptedEvent[] {
  const created = new Map<string, readonly string[]>();
  return events.map((event) => {
    const known = created.get(event.requestId) ?? ledger.request(event.requestId)?.recipients;
    const roles = event.event === 'access_request.create' ? event.roles : [];
    const recipients =
      event.event === 'access_request.create' || known === undefined
        ? recipientsFor(roles, roleToRecipients)
        : known;
    if (event.event === 'access_request.create') created.set(event.requestId, recipients);
    return { event, recipients, acceptedAt };
  });
}
