/**
 * A registry in a process of its own, for as long as its parent wants it: tells its host, then on each
 * message what it has served since the last one.
 */
import { serveRegistry } from '@teleport-plugins/registry';

import { nothingServed, type Served } from './served.js';

async function main(directory: string): Promise<void> {
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
  process.on('disconnect', () => void server.close());
  process.send?.(server.host);
}

void main(process.argv[2] ?? '');
