import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

import { failedWith, type ObjectStore, type StoredObject } from '@teleport-plugins/object-store';

import { registryBase } from '../documents/layout.js';
import { TerraformRegistryError } from '../error.js';

/** A Terraform registry that is being served. */
export interface ServedTerraformRegistry {
  /** `http://127.0.0.1:5003` */
  readonly url: string;
  /** What `providers.v1` of a `host` block in Terraform's CLI configuration is set to. */
  readonly providersUrl: string;
  /** Stops serving, and cuts off what is under way. May be called again. */
  close(): Promise<void>;
}

/**
 * Serves the objects of a store on 127.0.0.1, for reading, as a web server serves a bucket: what is written to the
 * store meanwhile is there at once. Throws `port-unavailable`.
 */
export async function serveTerraformRegistry(
  store: ObjectStore,
  { port = 0 }: { readonly port?: number } = {},
): Promise<ServedTerraformRegistry> {
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => {
      // Too late for a status: the client sees that it is not all.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  }).catch((cause: unknown) => {
    throw new TerraformRegistryError(
      'port-unavailable',
      `cannot serve a Terraform registry on 127.0.0.1:${port}: ${(cause as Error).message}; name another port, or end what uses it`,
      { cause },
    );
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let closed: Promise<void> | undefined;
  return {
    url,
    providersUrl: url + registryBase,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}

async function answer(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const stored = await objectAt(store, request.url ?? '/');
  if (stored === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { size, contentType = 'application/octet-stream', cacheControl } = stored;
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': size,
    ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(stored.content(), response);
}

/** `undefined` also for what can be no key. */
async function objectAt(store: ObjectStore, target: string): Promise<StoredObject | undefined> {
  try {
    const [path = ''] = target.split('?');
    return await store.get(decodeURIComponent(path.slice(1)));
  } catch (error) {
    if (error instanceof URIError || failedWith(error, 'key-invalid')) return undefined;
    throw error;
  }
}
