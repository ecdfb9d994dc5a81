import type { Content } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import type { Dispatcher } from 'undici';

import { RegistryError } from '../error.js';
import { openAgents, type Agents, type AgentsOptions } from './agents.js';
import { networkError } from './network-error.js';
import { received, type HttpResponse } from './response.js';
import type { Task } from './task.js';

export interface HttpRequest {
  readonly task: Task;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Content needs a Content-Length among the headers: nothing is ever sent in chunks of unknown number. */
  readonly body?: Uint8Array | Content | undefined;
  /** The answer is a stream whose reader may be waiting for other requests. */
  readonly isDownload?: boolean;
  /** For an answer that takes longer than others, in milliseconds. */
  readonly headersTimeout?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Traffic {
  /** All of them: to token servers and storages too, redirected and repeated ones each. */
  readonly requests: number;
  /** Bytes of bodies, without headers. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface TransportOptions extends AgentsOptions {
  readonly userAgent: string;
}

/** Sends single requests and reports every failure as a RegistryError. Follows nothing, repeats nothing. */
export interface Transport {
  readonly traffic: Traffic;
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

export function httpTransport(options: TransportOptions): Transport {
  const traffic = { requests: 0, bytesSent: 0, bytesReceived: 0 };
  const answered = new Set<string>();
  let isClosed = false;
  const refuseClosed = (task: Task): void => {
    if (isClosed) throw closed(task);
  };
  let agents: Promise<Agents> | undefined;

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const { task, url, signal, body } = request;
    signal?.throwIfAborted();
    refuseClosed(task);
    agents ??= openAgents(options);
    const agent = (await agents).agentFor(request);
    // Asked again: it may have been closed while the client was being loaded.
    refuseClosed(task);

    traffic.requests += 1;
    const sent = body === undefined ? undefined : outgoing(body, traffic);
    const failure = (error: unknown): unknown => {
      if (signal?.aborted) return signal.reason;
      if (sent?.failure) return sent.failure.error;
      if (isClosed) return closed(task, error);
      return networkError(error, { task, url, hasAnswered: answered.has(url.origin) });
    };
    let response: Dispatcher.ResponseData;
    try {
      response = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { 'user-agent': options.userAgent, ...request.headers },
        // Iterables are taken, though the type does not say so.
        body: (sent?.body ?? null) as Uint8Array | null,
        ...(signal && { signal }),
        ...(request.headersTimeout !== undefined && { headersTimeout: request.headersTimeout }),
      });
    } catch (error) {
      throw failure(error);
    }
    answered.add(url.origin);
    const { authorization: header } = request.headers;
    const authorization = header === undefined ? undefined : new Secret(header);
    return received(response, { url, authorization, traffic, failure });
  };

  return {
    get traffic() {
      return Object.freeze({ ...traffic });
    },
    send,
    async close() {
      isClosed = true;
      await (await agents?.catch(() => undefined))?.destroy();
    },
  };
}

/** A request's body, counted; what reading it fails with is kept apart from failures of the network. */
function outgoing(body: Uint8Array | Content, traffic: { bytesSent: number }) {
  const sent: { body: Uint8Array | Content; failure?: { readonly error: unknown } } = { body };
  if (body instanceof Uint8Array) {
    traffic.bytesSent += body.byteLength;
    return sent;
  }
  const source = body;
  async function* counted(): Content {
    try {
      for await (const piece of source) {
        traffic.bytesSent += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      sent.failure = { error };
      throw error;
    }
  }
  sent.body = counted();
  return sent;
}

function closed(task: Task, cause?: unknown): RegistryError {
  return new RegistryError(
    'closed',
    `${task.registry}: cannot ${task.act}: the connection to the registry was closed`,
    { cause },
  );
}
