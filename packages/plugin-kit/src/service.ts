import type { Clock } from './clock.js';
import type { Settings, Table } from './config/read.js';
import { createDeliveryQueue } from './delivery-queue.js';
import { messageOf } from './error.js';
import { routesOf } from './http/routes.js';
import { type HttpServerOptions, serveHttp, type TlsIdentity } from './http/server.js';
import { createIntake } from './intake.js';
import { memoryJournal, openJournal } from './journal.js';
import { createLedger, type Delivery } from './ledger.js';
import type { Log } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { notifying } from './notifying.js';
import type { Plugin } from './plugin.js';
import type { CommonSettings } from './settings.js';

/** What a service takes from the process around it. */
export interface ServiceContext {
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** A running notifier. */
export interface Service {
  readonly url: string;
  readonly metrics: Metrics;
  /** Accepts no more and settles what is owed. @returns what is still owed at the deadline */
  readonly stop: (deadline: AbortSignal) => Promise<readonly Delivery[]>;
}

/** Between attempts, in milliseconds: a second at first, five minutes in the end. */
const backoff = { first: 1_000, longest: 300_000 };

/** @throws PluginError state-unusable or listen-failed; nothing runs then */
export async function startService<Own extends Readonly<Record<string, Table<unknown>>>>(
  plugin: Plugin<Own>,
  settings: CommonSettings & Settings<Own>,
  { version, log, clock, random }: ServiceContext,
): Promise<Service> {
  const { capacity, concurrency, giveUpAfter, stateDirectory } = settings.queue;
  const ledger = createLedger();
  const journal =
    stateDirectory === undefined
      ? memoryJournal(ledger)
      : await openJournal(stateDirectory, ledger);
  const queued = (): number => queue.size;
  const metrics = createMetrics({ plugin: plugin.name, version, queued, capacity });
  const notifier = plugin.connect(settings, {
    log,
    teleportUrl: settings.teleport.url,
    concurrency,
  });
  const queue = createDeliveryQueue({
    ...notifying({ notifier, ledger, journal, metrics, log, clock }),
    ...{ clock, random, concurrency, backoff, giveUpAfter },
    spacing: notifier.spacing,
  });
  const { roleToRecipients } = settings;
  const intake = createIntake({ ledger, journal, queue, roleToRecipients, capacity, clock });
  const stopping = new AbortController();

  const server = await serveHttp({
    listen: settings.server.listen,
    tls: tlsOf(settings),
    routes: routesOf({
      ...{ plugin: plugin.name, version, intake, metrics, log },
      authorization: authorizationOf(settings),
      bodyLimit: settings.server.maxBodyBytes,
    }),
    onAnswer: answering(metrics, log),
  }).catch(async (error: unknown) => {
    await journal.close();
    notifier.close();
    throw error;
  });
  queue.add(ledger.owed());
  notifier.check(stopping.signal).then(
    () => log.info('destination reached'),
    (error: unknown) => {
      if (stopping.signal.aborted) return;
      log.error('destination not usable: notifications will wait', { reason: messageOf(error) });
    },
  );

  return {
    url: server.url,
    metrics,
    async stop(deadline) {
      stopping.abort();
      await intake.close();
      await queue.drain(deadline);
      await server.close(deadline);
      notifier.close();
      await journal.close();
      return ledger.owed();
    },
  };
}

function tlsOf({ server }: CommonSettings): TlsIdentity | undefined {
  const { tlsCertFile: certificate, tlsKeyFile: key, tlsClientCaFile: clientCa } = server;
  return certificate === undefined || key === undefined
    ? undefined
    : { certificate, key, clientCa };
}

function authorizationOf({ server }: CommonSettings) {
  return { token: server.token, clientCertificate: server.tlsClientCaFile !== undefined };
}

function answering(metrics: Metrics, log: Log): HttpServerOptions['onAnswer'] {
  return ({ method, path, status, error }) => {
    const known = ['GET', 'HEAD', 'POST'].includes(method) ? method : 'other';
    metrics.requests.inc({ method: known, path, code: status });
    if (error !== undefined)
      log.error('request failed', { method, path, reason: messageOf(error) });
  };
}
