import type { IncomingMessage } from 'node:http';

import { messageOf, PluginError } from '../error.js';
import type { Intake } from '../intake.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { parseEvents } from '../parse-events.js';
import type { Answer } from './answer.js';
import { refusal } from './answer.js';
import { type Authorization, refuseUnauthorized } from './authorization.js';
import { readJsonBody } from './body.js';
import type { HttpServerOptions } from './server.js';

export interface RoutesOptions {
  readonly plugin: string;
  readonly version: string;
  readonly authorization: Authorization;
  /** The largest body, in bytes. */
  readonly bodyLimit: number;
  readonly intake: Intake;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Seconds after which a sender that is turned away is asked to come back. */
const retryAfter = { 'retry-after': '5' };

/** What a notifier service answers. */
export function routesOf(options: RoutesOptions): HttpServerOptions['routes'] {
  const { plugin, version, intake, metrics } = options;
  return {
    '/events': { POST: (request) => receive(request, options) },
    '/healthz': { GET: () => ({ status: 200, body: { status: 'ok', plugin, version } }) },
    '/readyz': {
      GET: () =>
        intake.closed
          ? { status: 503, body: { status: 'stopping' } }
          : { status: 200, body: { status: 'ready' } },
    },
    '/metrics': {
      GET: async () => ({
        status: 200,
        body: await metrics.registry.metrics(),
        type: metrics.registry.contentType,
      }),
    },
  };
}

async function receive(request: IncomingMessage, options: RoutesOptions): Promise<Answer> {
  const unauthorized = refuseUnauthorized(request, options.authorization);
  if (unauthorized !== undefined) return unauthorized;
  const body = await readJsonBody(request, options.bodyLimit);
  if (!(body instanceof Uint8Array)) return body;
  try {
    return await accept(body, options);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return refused(error, options);
  }
}

async function accept(body: Uint8Array, { intake, metrics }: RoutesOptions): Promise<Answer> {
  const { picked, ignored } = parseEvents(body);
  const acceptance = await intake.accept(picked);
  switch (acceptance.kind) {
    case 'accepted': {
      const { accepted, duplicates } = acceptance;
      metrics.events.inc({ outcome: 'accepted' }, accepted);
      metrics.events.inc({ outcome: 'duplicate' }, duplicates);
      metrics.events.inc({ outcome: 'ignored' }, ignored);
      // Not 202: the Teleport event handler takes 200 for success, and nothing else.
      return { status: 200, body: { accepted, duplicates, ignored } };
    }
    case 'full':
      return refusal(503, 'the queue is full: nothing was accepted, send again later', retryAfter);
    case 'oversized': {
      const { notifications, capacity } = acceptance;
      const message = `${notifications} notifications at once never fit into a queue of ${capacity}`;
      return refusal(413, `${message}: send fewer events at once`);
    }
    case 'stopping':
      return refusal(503, 'the plugin is stopping: nothing was accepted, send again', {
        ...retryAfter,
        connection: 'close',
      });
  }
}

function refused(error: PluginError, { metrics, log }: RoutesOptions): Answer {
  if (error.code === 'event-invalid') {
    metrics.events.inc({ outcome: 'refused' });
    log.warn('events refused', { reason: error.message });
    return refusal(400, error.message);
  }
  log.error('events cannot be kept', { reason: messageOf(error) });
  return refusal(
    503,
    'events cannot be kept now: nothing was accepted, send again later',
    retryAfter,
  );
}
