import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** What a registry does with a request instead of what it should; `undefined` lets it do that. */
export type Misbehaviour = (
  asked: IncomingMessage,
) => ((answer: ServerResponse) => void) | undefined;

/**
 * A registry that sometimes misbehaves, in front of a good one, until the test ends.
 *
 * @param host the good one
 * @returns its own `host:port`
 */
export async function misbehaving(host: string, misbehave: Misbehaviour): Promise<string> {
  const server = createServer((asked, answer) => {
    const instead = misbehave(asked);
    if (instead !== undefined) {
      asked.resume();
      instead(answer);
      return;
    }
    const { method, url, headers } = asked;
    const forwarded = request(`http://${host}${String(url)}`, { method, headers }, (real) => {
      answer.writeHead(real.statusCode ?? 500, real.headers);
      real.pipe(answer);
    });
    asked.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
