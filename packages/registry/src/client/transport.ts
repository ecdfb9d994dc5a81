import { rootCertificates } from 'node:tls';

import type { Content } from '@teleport-plugins/oci';
import type { Dispatcher, Pool } from 'undici';

import { RegistryError } from '../error.js';
import { isLoopback } from './address.js';
import { networkError } from './network-error.js';
import type { Task } from './task.js';

export interface HttpRequest {
  readonly task: Task;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
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

export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from. */
  readonly url: URL;
  /** The value of a header, by lower-case name. */
  header(name: string): string | undefined;
  /** All values of a header that may occur more than once. */
  headers(name: string): readonly string[];
  /** To be read once, or discarded. Its failures are RegistryErrors. */
  readonly body: Content;
  /** The beginning of the body, as text; can be asked again. */
  excerpt(): Promise<string>;
  /** Gives up the body. */
  discard(): Promise<void>;
}

export interface Traffic {
  /** All of them: to token servers and storages too, redirected and repeated ones each. */
  readonly requests: number;
  /** Bytes of bodies, without headers. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** In milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** Between the end of the request and the beginning of the answer. */
  readonly headers: number;
  /** Between two pieces of the answer. */
  readonly body: number;
}

/** As in the environment variables of these names; loopback hosts are never asked for through a proxy. */
export interface ProxyOptions {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

export interface TransportOptions {
  readonly connections: number;
  readonly timeouts: Timeouts;
  readonly userAgent: string;
  readonly proxy?: ProxyOptions | undefined;
  readonly ca?: string | undefined;
}

/** Sends single requests and reports every failure as a RegistryError. Follows nothing, repeats nothing. */
export interface Transport {
  readonly traffic: Traffic;
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

const excerptLimit = 64 * 1024;

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
    return received(response, { url, traffic, failure });
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

interface Agents {
  agentFor(request: HttpRequest): Dispatcher;
  destroy(): Promise<void>;
}

/**
 * Downloads have connections of their own. Copying within one registry pushes what it downloads: were all
 * connections taken by downloads, their readers would wait for ever for one to push over.
 */
async function openAgents({ connections, timeouts, proxy, ca }: TransportOptions): Promise<Agents> {
  const { Agent, EnvHttpProxyAgent, Pool } = await import('undici');
  const connect = {
    timeout: timeouts.connect,
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  };
  const settings = {
    connections,
    connect,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
  };
  const open = () => {
    const direct: Dispatcher = new Agent(settings);
    // Empty where not given: the agent would look into the environment of the process instead.
    const { httpProxy = '', httpsProxy = '', noProxy = '' } = proxy ?? {};
    const proxied: Dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...settings,
          requestTls: connect,
          httpProxy,
          httpsProxy,
          noProxy,
          factory: (origin, pool: Pool.Options) => new Pool(origin, onceConnecting(pool)),
        })
      : direct;
    return { direct, proxied };
  };
  const pools = { download: open(), other: open() };
  return {
    agentFor({ isDownload = false, url }) {
      const { direct, proxied } = isDownload ? pools.download : pools.other;
      return isLoopback(url.hostname) ? direct : proxied;
    },
    async destroy() {
      const all = Object.values(pools).flatMap(({ direct, proxied }) => [direct, proxied]);
      await Promise.all([...new Set(all)].map((agent) => agent.destroy()));
    },
  };
}

/**
 * When a proxy cuts the connection instead of opening a tunnel, undici takes that for the end of a
 * connection that was idle, and tries again at once, for ever. Called otherwise, the error ends the request.
 */
function onceConnecting(options: Pool.Options): Pool.Options {
  const { connect } = options;
  if (typeof connect !== 'function') return options;
  return {
    ...options,
    connect: (target, callback) => {
      connect(target, (...[error, socket]: Parameters<typeof callback>) => {
        if (error === null) callback(null, socket);
        else
          callback(
            Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' }),
            null,
          );
      });
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

function received(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  context: {
    readonly url: URL;
    readonly traffic: { bytesReceived: number };
    readonly failure: (error: unknown) => unknown;
  },
): HttpResponse {
  const valuesOf = (name: string): readonly string[] => {
    const value = headers[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  async function* pieces(): Content {
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        context.traffic.bytesReceived += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      throw context.failure(error);
    }
  }
  // A body that breaks before somebody reads it must not end the process; its reader is told.
  body.on('error', () => undefined);
  const content = pieces();
  let excerpt: Promise<string> | undefined;
  return {
    status: statusCode,
    url: context.url,
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    body: content,
    excerpt: () => (excerpt ??= beginningOf(content)),
    // Reads a little, so that the connection can be used again, or cuts it.
    discard: () => body.dump({ limit: excerptLimit }).catch(() => undefined),
  };
}

async function beginningOf(content: Content): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const piece of content) {
      text += decoder.decode(piece, { stream: true });
      if (text.length >= excerptLimit) break;
    }
  } catch {
    // What has arrived is what there is to tell.
  }
  return text.slice(0, excerptLimit);
}

function closed(task: Task, cause?: unknown): RegistryError {
  return new RegistryError(
    'closed',
    `${task.registry}: cannot ${task.act}: the connection to the registry was closed`,
    { cause },
  );
}
