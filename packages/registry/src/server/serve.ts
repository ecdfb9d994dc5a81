import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { RegistryError } from '../error.js';
import { respond, type ServedRequest } from './respond.js';
import { openStore, type Store, type StoreOptions } from './store.js';

/** A registry that is being served. */
export interface RegistryServer {
  /** `127.0.0.1:5001`: how clients name it. */
  readonly host: string;
  readonly port: number;
  /**
   * Stops serving: no new requests, those under way may end within the grace period and are cut off
   * then. All files are closed when it resolves. May be called again.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RegistryServerOptions {
  /** Default: 0, which takes any free port. */
  readonly port?: number;
  /** The address to listen on. Default: 127.0.0.1. There is no authentication: whoever reaches it may write. */
  readonly host?: string;
  /** Serves what the folder holds and refuses (405) whatever would change it. Default: false. */
  readonly readOnly?: boolean;
  /** Names, besides addresses and localhost, by which clients may call this registry. */
  readonly allowedHosts?: readonly string[];
  /** Called after each request. It must not throw. */
  readonly onRequest?: (request: ServedRequest) => void;
  /** How long `close` waits for requests under way, in milliseconds. Default: 5000. */
  readonly gracePeriod?: number;
}

/**
 * Serves a folder as a registry, in this process, over plain HTTP. Any number of processes may serve one
 * folder at the same time: what one has stored, all serve. The folder is made when it is not there.
 * Throws `directory-unusable`, `registry-missing` with `readOnly` when there is none, or `port-unavailable` when it cannot listen.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export async function serveRegistry(
  directory: string,
  options: RegistryServerOptions = {},
): Promise<RegistryServer> {
  return serveStore(await openStore(directory, options), options);
}

/** The same for a store that is open, or stands in for one. */
export async function serveStore(
  store: Store,
  options: RegistryServerOptions & StoreOptions = {},
): Promise<RegistryServer> {
  const { host = '127.0.0.1', port = 0, readOnly = false, allowedHosts = [] } = options;
  const underWay = new Set<Promise<void>>();
  const server = createServer(timeouts, (request, response) => {
    const served = respond(store, request, response, { readOnly, allowedHosts }).then((done) => {
      underWay.delete(served);
      options.onRequest?.(done);
    });
    underWay.add(served);
  });
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= closeServer(server, underWay, options.gracePeriod ?? 5000));
  return {
    host: `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** In milliseconds. A blob may take its time to arrive, as long as something does. */
const timeouts = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 60_000 };
const idleTimeout = 10 * 60_000;

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.setTimeout(idleTimeout);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RegistryError(
      'port-unavailable',
      `cannot serve a registry on ${host}:${port}: ${why}; name another port, or end what uses it`,
      { cause },
    );
  });
  // Accepting one connection failed (too many open files): that client sees it, the others go on.
  server.on('error', () => undefined);
}

async function closeServer(
  server: Server,
  underWay: ReadonlySet<Promise<void>>,
  gracePeriod: number,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, gracePeriod);
  // A connection that is kept alive counts as idle only when its request has ended.
  while (underWay.size > 0) {
    await Promise.all(underWay);
    server.closeIdleConnections();
  }
  server.closeIdleConnections();
  await ended;
  clearTimeout(deadline);
}
