import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { ListenAddress } from '../config/types.js';
import { messageOf, PluginError } from '../error.js';
import { type Answer, refusal, send } from './answer.js';

/** The certificate of a server that speaks TLS, as PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
  /** Asks clients for a certificate, and checks it against this; routes decide what follows. */
  readonly clientCa: string | undefined;
}

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  readonly tls?: TlsIdentity | undefined;
  /** By path and method; GET also answers HEAD. */
  readonly routes: Readonly<Record<string, Readonly<Record<string, Route>>>>;
  /** Told of each answer, and of an error that a route threw (answered with 500). */
  readonly onAnswer: (answered: Answered) => void;
}

type Route = (request: IncomingMessage) => Promise<Answer> | Answer;

interface Answered {
  readonly method: string;
  /** One of the routes, or `other`. */
  readonly path: string;
  readonly status: number;
  readonly error?: unknown;
}

/** A running server. */
export interface HttpServer {
  /** As it is reached: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new connection and answers what has arrived; cuts off what is left at the deadline. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Bodies are small and clients are few: what is slower or more than this is not one of them. */
const limits = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
};
const maxConnections = 64;

/** @throws PluginError listen-failed */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, tls } = options;
  const server = tls === undefined ? createServer(limits) : secureServer(tls);
  server.on('request', listenerOf(options));
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const message = `cannot listen on ${listen.host}:${listen.port}: ${error.message}`;
      reject(new PluginError('listen-failed', message, { cause: error }));
    });
    server.listen(listen.port, listen.host, () => resolve());
  });
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    close: (deadline) =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        const cutOff = (): void => server.closeAllConnections();
        if (deadline.aborted) cutOff();
        else deadline.addEventListener('abort', cutOff, { once: true });
      }),
  };
}

function secureServer({ certificate, key, clientCa }: TlsIdentity): Server {
  // A probe of /healthz has no certificate, so the routes decide.
  const clients =
    clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  try {
    const minVersion = 'TLSv1.2';
    return createTlsServer({ ...limits, ...clients, cert: certificate, key, minVersion });
  } catch (error) {
    const message = `the certificate, its key or the CA for clients cannot be used: ${messageOf(error)}`;
    throw new PluginError('listen-failed', message, { cause: error });
  }
}

function listenerOf({ routes, onAnswer }: HttpServerOptions): RequestListener {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const { method = '' } = request;
    const finish = (answer: Answer, error?: unknown): void => {
      send(request, response, answer);
      const known = methods === undefined ? 'other' : path;
      onAnswer({
        method,
        path: known,
        status: answer.status,
        ...(error === undefined ? {} : { error }),
      });
    };
    void answerOf(request, methods).then(
      (answer) => finish(answer),
      (error: unknown) => {
        // There is nobody to answer to when the client went away within its request.
        if (request.complete || !request.destroyed) finish(refusal(500, 'internal error'), error);
      },
    );
  };
}

async function answerOf(
  request: IncomingMessage,
  methods: Readonly<Record<string, Route>> | undefined,
): Promise<Answer> {
  if (methods === undefined) return refusal(404, 'not found: events go to POST /events');
  const { method = '' } = request;
  const route = method === 'HEAD' ? methods.GET : methods[method];
  if (route !== undefined) return route(request);
  const allow = Object.keys(methods).join(', ');
  return refusal(405, `${method} is not allowed here: use ${allow}`, { allow });
}
