import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Content } from '@teleport-plugins/oci';

import { errorAnswer, send, type Answer } from './answer.js';
import { guard } from './guard.js';
import { refusalOf } from './refusal.js';
import { routeOf } from './routes.js';
import type { Store } from './store.js';

/** One request as it was served. Without its headers and query, which may hold secrets. */
export interface ServedRequest {
  readonly method: string;
  /** As it came, without the query. */
  readonly path: string;
  readonly status: number;
  /** Bytes of the bodies that were read and sent. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface RespondOptions {
  readonly readOnly: boolean;
  readonly allowedHosts: readonly string[];
}

/** Serves one request, whatever comes; never throws. */
export async function respond(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  options: RespondOptions,
): Promise<ServedRequest> {
  const { method = '', url = '' } = request;
  const body = countedBody(request);
  const answer = await answerTo(store, request, body.content, options);
  let bytesSent = 0;
  try {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    // A blob is foreign bytes: a browser must not take one for a page.
    response.setHeader('x-content-type-options', 'nosniff');
    bytesSent = await send(response, answer, { bodyless: method === 'HEAD' });
  } catch {
    // The client is gone, or a file could not be read to its end: no answer can be sent any more.
    response.destroy();
  }
  // What is left of a refused request's body is read away, for the connection to stay usable.
  request.resume();
  return {
    method,
    path: url.split('?', 1)[0] ?? '',
    status: answer.status,
    bytesReceived: body.size(),
    bytesSent,
  };
}

async function answerTo(
  store: Store,
  request: IncomingMessage,
  body: Content,
  { readOnly, allowedHosts }: RespondOptions,
): Promise<Answer> {
  const { method = '', url = '', headers } = request;
  try {
    guard(method, headers, allowedHosts);
    const { handler, ...route } = routeOf(method, url, { readOnly });
    return await handler(store, { ...route, method, headers, body });
  } catch (error) {
    return errorAnswer(refusalOf(error));
  }
}

/** The body, which when a reader stops early stays open for what is left to be read away. */
function countedBody(request: IncomingMessage): { content: Content; size: () => number } {
  let size = 0;
  async function* pieces(): Content {
    const iterator = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const piece of iterator) {
      size += piece.length;
      yield piece;
    }
  }
  return { content: pieces(), size: () => size };
}
