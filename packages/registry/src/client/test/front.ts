import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that stands before a registry. */
export interface Front {
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): Promise<void>;
}

export async function front(
  respond: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Front> {
  const server = createServer(respond);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes a request on, and hands over the answer. */
export function forward(
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
  answered: (answer: IncomingMessage) => void = (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
    answer.pipe(response);
  },
): void {
  const [hostname, port] = host.split(':');
  const { method, url: path, headers } = request;
  const onward = send({ hostname, port, method, path, headers }, answered);
  onward.on('error', () => response.destroy());
  request.on('close', () => {
    if (!request.complete) onward.destroy();
  });
  request.pipe(onward);
}
