import { EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { describe, expect, onTestFinished, test } from 'vitest';

import { send } from './answer.js';
import type { ServedRequest } from './respond.js';
import { beginUpload, image, layer, location, pushBlob, pushImage } from './test/content.js';
import { call } from './test/http.js';
import { serve } from './test/serving.js';

describe('connections', () => {
  test('that break in the middle of a chunk leave the upload as it was', async () => {
    const reports = new EventEmitter<Record<string, [ServedRequest]>>();
    const onRequest = (served: ServedRequest) => reports.emit(served.method, served);
    const { host, server } = await serve({ onRequest });
    const path = await beginUpload(host, 'app');
    const broken = once(reports, 'PATCH');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PATCH ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\npart`);
    socket.end();
    expect(await broken).toMatchObject([{ status: 400 }]);
    expect((await call(host, 'GET', path)).headers.range).toBe('0-0');
    expect((await call(host, 'PATCH', path, { body: Buffer.from('whole') })).status).toBe(202);
  });

  test('may carry several requests at once, answered in their order', async () => {
    const { host, server } = await serve();
    await pushImage(host, 'app', image('pulled'), 'v1');
    const socket = connect(server.port, '127.0.0.1');
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
    socket.write(
      `${get('/v2/app/tags/list')}\r\n${get('/v2/none/tags/list')}\r\n${get('/v2/')}Connection: close\r\n\r\n`,
    );
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 [0-9]+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 404',
      'HTTP/1.1 200',
    ]);
  });

  test('are used on after a body that was refused', async () => {
    const { host, server } = await serve();
    const socket = connect(server.port, '127.0.0.1');
    const body = 'x'.repeat(5 * 1024 * 1024);
    socket.write(`PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: ${host}\r\n`);
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    socket.write(`GET /v2/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 [0-9]+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  test('break when a blob on the disk becomes shorter than it was', async () => {
    const { host, server, directory } = await serve();
    const blob = layer('y'.repeat(16 * 1024 * 1024));
    const path = location(await pushBlob(host, 'app', blob));
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await once(socket, 'readable');
    const [algorithm = '', hex = ''] = blob.descriptor.digest.split(':');
    await truncate(join(directory, 'blobs', algorithm, hex), 10);
    // It ends, with less than it was to have, though nobody asked for the connection to be closed.
    expect((await text(socket).catch(() => '')).length).toBeLessThan(blob.bytes.length);
  });
});

describe('closing', () => {
  test('ends idle connections at once, and may be asked for twice', async () => {
    const { host, server } = await serve();
    await call(host, 'GET', '/v2/');
    await Promise.all([server.close(), server.close()]);
    await expect(call(host, 'GET', '/v2/')).rejects.toThrow();
  });

  test('cuts off what does not end within the grace period, and leaves nothing of it', async () => {
    const { host, server, directory } = await serve({ gracePeriod: 10 });
    const path = await beginUpload(host, 'app');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PATCH ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n`);
    socket.write('Expect: 100-continue\r\n\r\n');
    await once(socket, 'data');
    socket.write('part');
    await server.close();
    socket.destroy();
    const [upload = ''] = await readdir(join(directory, 'uploads'));
    expect(await readFile(join(directory, 'uploads', upload), 'utf8')).toBe('');
  });

  test('lets a request under way end', async () => {
    const { host, server } = await serve();
    const path = await beginUpload(host, 'app');
    const blob = layer('last words');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PUT ${path}?digest=${blob.descriptor.digest} HTTP/1.1\r\nHost: ${host}\r\n`);
    socket.write(`Content-Length: ${blob.bytes.length}\r\nExpect: 100-continue\r\n\r\n`);
    await once(socket, 'data');
    const closed = server.close();
    socket.write(blob.bytes);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 201 /);
    await closed;
  });
});

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
