import type { IncomingMessage, ServerResponse } from 'node:http';

/** What to answer to a request over HTTP. */
export interface Answer {
  readonly status: number;
  /** JSON, unless `type` says otherwise. */
  readonly body: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that refuses, with the reason. */
export function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body: { error }, headers };
}

/**
 * Sends an answer. What is left of the request's body Node reads and drops, within the server's
 * request timeout: closing at once could take the answer away from a client that is still writing.
 */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const type = answer.type ?? 'application/json';
  const body = answer.type === undefined ? `${JSON.stringify(answer.body)}\n` : String(answer.body);
  const bytes = Buffer.from(body);
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
