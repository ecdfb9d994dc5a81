import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** An HTTP proxy whose tunnels all end at one port of this machine. */
export interface Tunnels {
  readonly url: string;
  /** Which servers were asked for. */
  readonly asked: readonly string[];
}

/** Without a port every tunnel is refused. */
export async function serveTunnels(port?: number): Promise<Tunnels> {
  const asked: string[] = [];
  const server = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    if (port === undefined) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) each.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
      onward.destroy();
    });
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, asked };
}

/** Has a server listen on loopback until the test ends, and returns its port. */
export async function listening(
  server: Pick<Server, 'listen' | 'close' | 'address' | 'closeAllConnections'>,
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
