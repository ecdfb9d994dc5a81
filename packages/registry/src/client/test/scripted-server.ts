import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** A server of one test that answers as it is told to, right or wrong, and remembers what it was asked. */
export interface ScriptedServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** All requests so far. */
  readonly requests: readonly Recorded[];
  /** As `GET /v2/…?query`, in order. */
  readonly log: readonly string[];
  /** Connections so far. */
  readonly connections: number;
  /** Adds routes, or replaces them. */
  route(routes: Routes): void;
}

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** What has arrived of it; all of it when a reply that is data is given. */
  body: Buffer;
}

/** By `METHOD path` (the query does not count); a list is used up to its last, which stays. */
export type Routes = Readonly<Record<string, Reply | readonly Reply[]>>;

export type Reply = Answer | Script;

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

/** Takes the request before its body is read. */
export type Script = (
  response: ServerResponse,
  request: IncomingMessage,
  recorded: Recorded,
) => Answer | undefined | Promise<Answer | undefined>;

export async function scriptedServer(
  routes: Routes = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedServer> {
  const requests: Recorded[] = [];
  const replies = new Map<string, Reply[]>();
  const route = (added: Routes) => {
    for (const [name, reply] of Object.entries(added)) {
      replies.set(name, Array.isArray(reply) ? [...(reply as Reply[])] : [reply as Reply]);
    }
  };
  route(routes);

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const recorded: Recorded = { method, url, headers, body: Buffer.alloc(0) };
    requests.push(recorded);
    request.on('data', (piece: Buffer) => {
      recorded.body = Buffer.concat([recorded.body, piece]);
    });
    const list = replies.get(`${method} ${url.replace(/\?.*/, '')}`) ?? [{ status: 404 }];
    const reply = list.length > 1 ? list.shift() : list[0];
    const answer = typeof reply === 'function' ? await reply(response, request, recorded) : reply;
    if (answer === undefined) return;
    if (!request.complete) await new Promise((resolve) => request.on('end', resolve));
    const length =
      answer.body === undefined ? {} : { 'content-length': Buffer.byteLength(answer.body) };
    response.writeHead(answer.status, { ...length, ...answer.headers }).end(answer.body);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void respond(request, response);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get log() {
      return requests.map(({ method, url }) => `${method} ${url}`);
    },
    get connections() {
      return connections;
    },
    route,
  };
}

export function json(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** An error in the form of the distribution specification. */
export function complaint(status: number, code: string, message: string): Answer {
  return json({ errors: [{ code, message }] }, status);
}

/** Cuts the connection without an answer. */
export const cut: Script = (response) => {
  response.socket?.destroy();
  return undefined;
};

/** Never answers. */
export const silence: Script = () => undefined;
