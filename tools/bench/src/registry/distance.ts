import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';

/** A server on loopback that passes requests on to another one, each that much later. */
export interface Distance {
  readonly host: string;
  close(): void;
}

/** `latency` is in milliseconds, once for each request. */
export async function atDistance(host: string, latency: number): Promise<Distance> {
  const server: Server = createServer((incoming, outgoing) => {
    setTimeout(() => {
      // The registry is still called by the name that its clients know.
      const { method, url: path, headers } = incoming;
      const [hostname, port] = host.split(':');
      const passed = request({ hostname, port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        pipeline(answer, outgoing).catch(() => outgoing.destroy());
      });
      pipeline(incoming, passed).catch(() => outgoing.destroy());
    }, latency);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
