import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a service counts, for Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Events that arrived, by `outcome`: accepted, duplicate, ignored, refused. */
  readonly events: Counter<'outcome'>;
  /** Attempts to notify, by `result`: delivered, failed (will be repeated), refused. */
  readonly attempts: Counter<'result'>;
  /** Owed notifications that ended, by `outcome`: delivered, dead. */
  readonly notifications: Counter<'outcome'>;
  /** From acceptance to delivery. */
  readonly latency: Histogram;
  /** Requests over HTTP, by status `code`. */
  readonly requests: Counter<'method' | 'path' | 'code'>;
}

export interface MetricsOptions {
  readonly plugin: string;
  readonly version: string;
  /** How many notifications are owed. */
  readonly queued: () => number;
  readonly capacity: number;
}

export function createMetrics({ plugin, version, queued, capacity }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'teleport_plugin_info',
    help: 'The plugin and its version, as labels; always 1.',
    labelNames: ['plugin', 'version'],
    registers,
  }).set({ plugin, version }, 1);
  new Gauge({
    name: 'teleport_plugin_queued_notifications',
    help: 'Notifications that are owed: accepted, and neither delivered nor given up.',
    registers,
    collect() {
      this.set(queued());
    },
  });
  new Gauge({
    name: 'teleport_plugin_queue_capacity',
    help: 'The most notifications that may be owed; more events are answered with 503.',
    registers,
  }).set(capacity);
  const outcomes = counter(registers, 'events_total', 'Events received, by outcome.', ['outcome']);
  for (const outcome of ['accepted', 'duplicate', 'ignored', 'refused'])
    outcomes.inc({ outcome }, 0);
  const notifications = counter(
    registers,
    'notifications_total',
    'Owed notifications that ended, by outcome; a dead one is in the log.',
    ['outcome'],
  );
  for (const outcome of ['delivered', 'dead']) notifications.inc({ outcome }, 0);
  return {
    registry,
    events: outcomes,
    notifications,
    attempts: counter(registers, 'attempts_total', 'Attempts to notify, by result.', ['result']),
    requests: counter(registers, 'http_requests_total', 'Requests over HTTP, by answer.', [
      'method',
      'path',
      'code',
    ]),
    latency: new Histogram({
      name: 'teleport_plugin_notification_latency_seconds',
      help: 'Time from accepting an event to its delivery.',
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 43_200],
      registers,
    }),
  };
}

function counter<Label extends string>(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: Label[],
): Counter<Label> {
  return new Counter({ name: `teleport_plugin_${name}`, help, labelNames, registers });
}
