import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ForwardOptions {
  /** Path and query at the registry behind. Default: as they came. */
  readonly target?: string;
  /** When it has been read already. */
  readonly body?: Uint8Array;
  /** Changes the answer. */
  readonly answered?: (answer: ForwardedAnswer) => ForwardedAnswer;
}

interface ForwardedAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

/** Passes a request on to the registry behind, and hands over its answer. Gives the status. */
export function forward(
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
  { target = request.url ?? '/', body, answered = (answer) => answer }: ForwardOptions = {},
): Promise<number> {
  const [hostname, port] = upstream.split(':');
  const headers = { ...request.headers, host: upstream };
  // Those of this registry are none of the one behind.
  delete headers.authorization;
  if (body) {
    delete headers['transfer-encoding'];
    headers['content-length'] = String(body.length);
  }
  return new Promise((resolve, reject) => {
    const onward = send({ hostname, port, method: request.method, path: target, headers });
    onward.on('error', reject);
    onward.on('response', (answer) => {
      const { status, headers: given } = answered({
        status: answer.statusCode ?? 500,
        headers: withOwnOrigin(answer.headers, upstream, request.headers.host ?? ''),
      });
      response.writeHead(status, given);
      answer.pipe(response);
      resolve(status);
    });
    if (body) onward.end(body);
    else request.pipe(onward);
    response.on('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
  });
}

/** Whether the registry behind has something. */
export async function isThere(upstream: string, target: string, accept: string): Promise<boolean> {
  const response = await fetch(`http://${upstream}${target}`, {
    method: 'HEAD',
    headers: { accept },
  });
  return response.ok;
}

/** ECR's Location is a whole address. */
function withOwnOrigin(
  headers: IncomingMessage['headers'],
  upstream: string,
  host: string,
): IncomingMessage['headers'] {
  if (headers.location === undefined) return headers;
  const location = new URL(headers.location, `http://${upstream}`);
  return { ...headers, location: `http://${host}${location.pathname}${location.search}` };
}
