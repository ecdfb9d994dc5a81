import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ReadStream } from 'node:fs';

import type { Refusal } from './refusal.js';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes at hand, or a stream of so many bytes: it is destroyed when it is not sent. */
  readonly body?: Uint8Array | { readonly length: number; readonly stream: ReadStream };
}

export function json(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
export function errorAnswer({ code, message, headers, status }: Refusal): Answer {
  return json({ errors: [{ code, message }] }, headers, status);
}

/** Sends an answer, without its body for HEAD. Returns how many bytes of body were sent. */
export async function send(
  response: ServerResponse,
  { status, headers = {}, body }: Answer,
  options: { readonly bodyless: boolean },
): Promise<number> {
  const stream = body !== undefined && 'stream' in body ? body.stream : undefined;
  const length = body?.length ?? 0;
  try {
    // These have no length, not even 0. RFC 9110, section 8.6.
    const framing = status === 204 || status === 304 ? {} : { 'content-length': length };
    response.writeHead(status, { ...headers, ...framing });
    if (stream && !options.bodyless) {
      await pipeline(stream, response, { end: false });
      if (stream.bytesRead !== length) throw new Error('the file ended early');
    }
    const bytes = body instanceof Uint8Array && !options.bodyless ? body : undefined;
    await end(response, bytes);
    return options.bodyless ? 0 : length;
  } finally {
    stream?.destroy();
  }
}

/** Resolves when all is handed over to the system, or the client is gone. */
async function end(response: ServerResponse, bytes: Uint8Array | undefined): Promise<void> {
  // Gone before there was an answer: neither of the two below would ever happen.
  if (response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.end(bytes, resolve);
  });
}
