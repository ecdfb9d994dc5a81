import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { send } from './answer.js';

test('an answer to a client that has left ends, so that the server can close', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = new Promise<number>((resolve) => {
    server.once('request', (_request, response) => {
      response.once('close', () => {
        resolve(send(response, { status: 200 }, { bodyless: false }));
      });
      client.destroy();
    });
  });
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined).end();
  await expect(asked).resolves.toBe(0);
});
