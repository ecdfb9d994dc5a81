import type { AccessRequestCreated, AccessRequestEvent } from './access-request.js';

/** One notification that is owed: an event for one recipient. */
export interface Delivery {
  readonly event: AccessRequestEvent;
  readonly recipient: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** An accepted event with the recipients that have not been notified yet. */
export interface AcceptedEvent {
  readonly event: AccessRequestEvent;
  readonly recipients: readonly string[];
  readonly acceptedAt: number;
}

/** An access request whose creation was seen: later events do not repeat what it says. */
interface KnownRequest {
  readonly created: AccessRequestCreated;
  readonly recipients: readonly string[];
  /** By recipient: where the notification about the creation is, in the notifier's own words. */
  readonly threads: Readonly<Record<string, string>>;
}

/** One change of a ledger, as it is journalled. */
export type LedgerEntry =
  | { readonly kind: 'accepted'; readonly accepted: AcceptedEvent }
  | {
      readonly kind: 'settled';
      readonly key: string;
      readonly recipient: string;
      readonly thread?: string;
    }
  | { readonly kind: 'seen'; readonly keys: readonly string[] }
  | { readonly kind: 'request'; readonly request: KnownRequest };

/** What a service must remember: what it owes, what it has seen, and the requests it knows. */
export interface Ledger {
  apply(entry: LedgerEntry): void;
  hasSeen(event: AccessRequestEvent): boolean;
  request(id: string): KnownRequest | undefined;
  /** Where the notification about a request's creation is for a recipient. */
  thread(requestId: string, recipient: string): string | undefined;
  /** Everything that is owed, in the order of acceptance. */
  owed(): readonly Delivery[];
  /** Entries that make an empty ledger equal to this one. */
  snapshot(): readonly LedgerEntry[];
}

/** How much is remembered; the oldest is forgotten. What is owed is bounded by who accepts it. */
export interface LedgerLimits {
  readonly seen: number;
  readonly requests: number;
}

export function createLedger(limits: LedgerLimits = { seen: 20_000, requests: 10_000 }): Ledger {
  const seen = new Set<string>();
  const requests = new Map<string, KnownRequest>();
  const owed = new Map<string, AcceptedEvent>();

  const accept = (accepted: AcceptedEvent): void => {
    const { event, recipients } = accepted;
    const key = eventKey(event);
    seen.add(key);
    if (recipients.length > 0) owed.set(key, accepted);
    if (event.event === 'access_request.create') {
      remember({ created: event, recipients, threads: {} });
    }
  };
  const remember = (request: KnownRequest): void => {
    requests.delete(request.created.requestId);
    requests.set(request.created.requestId, request);
  };
  const settle = (key: string, recipient: string, thread: string | undefined): void => {
    const accepted = owed.get(key);
    if (accepted === undefined) return;
    const recipients = accepted.recipients.filter((each) => each !== recipient);
    if (recipients.length === 0) owed.delete(key);
    else owed.set(key, { ...accepted, recipients });
    const request = requests.get(accepted.event.requestId);
    if (thread === undefined || request === undefined) return;
    requests.set(accepted.event.requestId, {
      ...request,
      threads: { ...request.threads, [recipient]: thread },
    });
  };

  return {
    apply(entry) {
      switch (entry.kind) {
        case 'accepted':
          accept(entry.accepted);
          break;
        case 'settled':
          settle(entry.key, entry.recipient, entry.thread);
          break;
        case 'seen':
          for (const key of entry.keys) {
            // To the end, as in the ledger that this is a snapshot of.
            seen.delete(key);
            seen.add(key);
          }
          break;
        case 'request':
          remember(entry.request);
          break;
      }
      forgetOldest(seen, limits.seen);
      forgetOldest(requests, limits.requests);
    },
    hasSeen: (event) => seen.has(eventKey(event)) || owed.has(eventKey(event)),
    request: (id) => requests.get(id),
    thread: (requestId, recipient) => {
      const threads = requests.get(requestId)?.threads ?? {};
      return Object.hasOwn(threads, recipient) ? threads[recipient] : undefined;
    },
    owed: () => [...owed.values()].flatMap(deliveriesOf),
    snapshot: () => [
      // Accepting a creation makes its request known, so what is known of it comes after.
      ...[...owed.values()].map((accepted) => ({ kind: 'accepted' as const, accepted })),
      { kind: 'seen', keys: [...seen] },
      ...[...requests.values()].map((request) => ({ kind: 'request' as const, request })),
    ],
  };
}

export function deliveriesOf({
  event,
  recipients,
  acceptedAt,
}: AcceptedEvent): readonly Delivery[] {
  return recipients.map((recipient) => ({ event, recipient, acceptedAt }));
}

/** The samples in Teleport's documentation share one uid over all types, so the type is part of it. */
export function eventKey(event: AccessRequestEvent): string {
  return `${event.event} ${event.uid}`;
}

function forgetOldest(
  collection: { readonly size: number; keys(): Iterator<string>; delete(key: string): boolean },
  limit: number,
): void {
  while (collection.size > limit) collection.delete(String(collection.keys().next().value));
}
