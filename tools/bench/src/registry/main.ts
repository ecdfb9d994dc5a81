/**
 * A registry in a process of its own, for as long as its parent wants it: tells its host, then on each
 * message what it has served since the last one.
 */
import { serveRegistry } from '@teleport-plugins/registry';

import { atDistance } from './distance.js';
import { nothingServed, type Served } from './served.js';

async function main(directory: string, latency: number): Promise<void> {
  let served: Served = nothingServed;
  const server = await serveRegistry(directory, {
    onRequest: ({ bytesReceived, bytesSent }) => {
      served = {
        requests: served.requests + 1,
        bytesReceived: served.bytesReceived + bytesReceived,
        bytesSent: served.bytesSent + bytesSent,
      };
    },
  });
  process.on('message', () => {
    process.send?.(served);
    served = nothingServed;
  });
  const distance = latency > 0 ? await atDistance(server.host, latency) : undefined;
  process.on('disconnect', () => {
    distance?.close();
    void server.close();
  });
  process.send?.((distance ?? server).host);
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
