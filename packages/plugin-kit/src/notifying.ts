import type { Clock } from './clock.js';
import type { DeliveryQueueOptions, Settlement } from './delivery-queue.js';
import { messageOf, type PluginError } from './error.js';
import type { Journal } from './journal.js';
import { type Delivery, eventKey, type Ledger, type LedgerEntry } from './ledger.js';
import type { Log, LogFields } from './log.js';
import type { Metrics } from './metrics.js';
import type { Notifier } from './plugin.js';

export interface NotifyingOptions {
  readonly notifier: Notifier;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

/** Carries deliveries to a notifier, and their outcome to the journal, the metrics and the log. */
export function notifying(
  options: NotifyingOptions,
): Pick<DeliveryQueueOptions, 'deliver' | 'onRetry' | 'onSettled'> {
  const { notifier, ledger, metrics, log, clock } = options;
  return {
    deliver({ event, recipient }, signal) {
      const request = ledger.request(event.requestId)?.created;
      const thread = ledger.thread(event.requestId, recipient);
      return notifier.notify({ event, recipient, request, thread }, signal);
    },
    onRetry(delivery, error, delay) {
      metrics.attempts.inc({ result: 'failed' });
      const reason = error.message;
      log.warn('notification failed, will be tried again', {
        ...fieldsOf(delivery),
        reason,
        delay,
      });
    },
    async onSettled(delivery, settlement) {
      if (settlement.delivered) {
        metrics.attempts.inc({ result: 'delivered' });
        metrics.notifications.inc({ outcome: 'delivered' });
        metrics.latency.observe((clock.now() - delivery.acceptedAt) / 1000);
        log.info('notified', fieldsOf(delivery));
      } else {
        reportDead(delivery, settlement.error, options);
      }
      await recordSettled(delivery, settlement, options);
    },
  };
}

/** All of a delivery, for when the log is the last place that has it. */
export function contentOf(delivery: Delivery): LogFields {
  return { ...fieldsOf(delivery), content: delivery.event };
}

/** What the log says of a delivery. */
function fieldsOf({ event, recipient }: Delivery): LogFields {
  return { event: event.event, request: event.requestId, uid: event.uid, recipient };
}

function reportDead(
  delivery: Delivery,
  error: PluginError,
  { metrics, log }: NotifyingOptions,
): void {
  metrics.attempts.inc({ result: error.code === 'delivery-refused' ? 'refused' : 'failed' });
  metrics.notifications.inc({ outcome: 'dead' });
  log.error('notification given up', { ...contentOf(delivery), reason: error.message });
}

async function recordSettled(
  { event, recipient }: Delivery,
  settlement: Settlement,
  { journal, ledger, log }: NotifyingOptions,
): Promise<void> {
  const thread =
    settlement.delivered && event.event === 'access_request.create' ? settlement.thread : undefined;
  const entry: LedgerEntry = {
    kind: 'settled',
    key: eventKey(event),
    recipient,
    ...(thread === undefined ? {} : { thread }),
  };
  try {
    await journal.append([entry], { durable: false });
  } catch (error) {
    ledger.apply(entry);
    const reason = messageOf(error);
    log.error('journal not written: a restart will repeat this notification', {
      reason,
      recipient,
    });
  }
}
