import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

export interface ScriptedAnswer {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ScriptedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers whatever it is told to, until the test ends. Gives its address. */
export async function serveScript(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
): Promise<{ readonly endpoint: string; readonly requests: readonly ScriptedRequest[] }> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const asked = { headers: request.headers, body };
      requests.push(asked);
      const { status = 200, headers = {}, body: answered } = answer(asked);
      response.writeHead(status, { ...headers }).end(answered);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests };
}
