import { once } from 'node:events';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { ServedRequest } from './respond.js';
import { serveRegistry, serveStore, type RegistryServerOptions } from './serve.js';
import { openStore } from './store.js';
import {
  beginUpload,
  image,
  layer,
  location,
  pullManifest,
  pushBlob,
  pushImage,
  withQuery,
} from './test/content.js';
import { faultyFiles } from './test/faulty-files.js';
import { call } from './test/http.js';

async function serve(options: RegistryServerOptions = {}) {
  const directory = await temporaryDirectory();
  const server = await serveRegistry(directory, options);
  onTestFinished(() => server.close());
  return { directory, server, host: server.host };
}

describe('who may call', () => {
  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '', '0x7f.1'])(
    'a web page that gives its host name %j this address is refused',
    async (name) => {
      const { host } = await serve();
      const reply = await call(host, 'GET', '/v2/', { headers: { host: `${name}:5001` } });
      expect(reply.status).toBe(421);
    },
  );

  test.each(['localhost', 'LOCALHOST:5001', 'app.localhost', '127.0.0.1', '10.1.2.3:1', '[::1]:1'])(
    '%s may be called so',
    async (name) => {
      const { host } = await serve();
      const reply = await call(host, 'GET', '/v2/', { headers: { host: name } });
      expect(reply.status).toBe(200);
    },
  );

  test('further names can be allowed', async () => {
    const { host } = await serve({ allowedHosts: ['registry'] });
    const reply = await call(host, 'GET', '/v2/', { headers: { host: 'registry:5000' } });
    expect(reply.status).toBe(200);
  });

  test('web pages can write nothing', async () => {
    const { host, directory } = await serve();
    const headers = { origin: 'https://evil.example' };
    const reply = await call(host, 'POST', '/v2/app/blobs/uploads/', { headers });
    expect(reply.status).toBe(403);
    expect(await readdir(join(directory, 'uploads'))).toEqual([]);
  });
});

describe('a registry that is served read-only', () => {
  test('answers what is there, and 405 to whatever would change it', async () => {
    const { host, directory } = await serve();
    await pushImage(host, 'app', image('kept'), 'v1');
    const server = await serveRegistry(directory, { readOnly: true });
    onTestFinished(() => server.close());
    expect((await pullManifest(server.host, 'app', 'v1')).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/v2/app/blobs/uploads/'],
      ['PUT', '/v2/app/manifests/v2'],
      ['DELETE', '/v2/app/manifests/v1'],
    ] as const) {
      const reply = await call(server.host, method, path);
      expect(reply.status).toBe(405);
      expect(reply.headers.allow ?? '').not.toMatch(/POST|PUT|DELETE|PATCH/);
    }
    expect((await pullManifest(host, 'app', 'v1')).status).toBe(200);
  });

  test('is not made where there is none', async () => {
    const directory = join(await temporaryDirectory(), 'none');
    await expect(serveRegistry(directory, { readOnly: true })).rejects.toMatchObject({
      code: 'directory-unusable',
    });
  });
});

describe('a full disk', () => {
  test('is answered with 507, leaves nothing half-written and the connection in use', async () => {
    const directory = await temporaryDirectory();
    const large = layer('x'.repeat(5_000_000));
    for (const step of [10, 20, 30]) {
      const faulty = faultyFiles({ step, kind: 'fails' });
      const server = await serveStore(await openStore(directory, { files: faulty.files }));
      const path = withQuery(await beginUpload(server.host, 'app'), {
        digest: large.descriptor.digest,
      });
      faulty.arm();
      const reply = await call(server.host, 'PUT', path, { body: large.bytes });
      expect(reply.status).toBe(507);
      expect(reply.body.toString()).toContain('disk');
      expect((await call(server.host, 'GET', path)).headers.range).toBe('0-0');
      expect((await call(server.host, 'PUT', path, { body: large.bytes })).status).toBe(201);
      await call(server.host, 'DELETE', `/v2/app/blobs/${large.descriptor.digest}`);
      expect(await readdir(join(directory, 'uploads'))).toEqual([]);
      await server.close();
    }
  });
});

describe('connections', () => {
  test('that break in the middle of a chunk leave the upload as it was', async () => {
    let served: (request: ServedRequest) => void = () => undefined;
    const { host, server } = await serve({ onRequest: (request) => served(request) });
    const path = await beginUpload(host, 'app');
    const broken = new Promise<ServedRequest>((resolve) => (served = resolve));
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PATCH ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\npart`);
    socket.end();
    expect(await broken).toMatchObject({ status: 400 });
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

test('each request is reported, without what may be secret', async () => {
  const requests: ServedRequest[] = [];
  const { host } = await serve({ onRequest: (request) => requests.push(request) });
  const headers = { authorization: 'Basic c2VjcmV0' };
  await call(host, 'GET', '/v2/?token=secret', { headers });
  await call(host, 'POST', '/v2/app/blobs/uploads/?digest=sha256:x', { body: Buffer.from('abc') });
  expect(requests).toEqual([
    { method: 'GET', path: '/v2/', status: 200, bytesReceived: 0, bytesSent: 2 },
    expect.objectContaining({ method: 'POST', path: '/v2/app/blobs/uploads/', status: 400 }),
  ]);
  expect(JSON.stringify(requests)).not.toContain('secret');
});

test('a port that is taken is named', async () => {
  const { server } = await serve();
  const other = join(await temporaryDirectory(), 'other');
  await expect(serveRegistry(other, { port: server.port })).rejects.toMatchObject({
    code: 'port-unavailable',
    message: expect.stringContaining(`127.0.0.1:${server.port}`) as string,
  });
});

test('the same folder can be served over IPv6', async () => {
  const { directory, host } = await serve();
  await pushImage(host, 'app', image('both'), 'v1');
  const other = await serveRegistry(directory, { host: '::1' });
  onTestFinished(() => other.close());
  expect(other.host).toBe(`[::1]:${other.port}`);
  expect((await pullManifest(other.host, 'app', 'v1')).status).toBe(200);
});

test('all repositories are listed, in pages', async () => {
  const { host, directory } = await serve();
  for (const name of ['b', 'a/b/c', 'a']) await pushImage(host, name, image(name), 'v1');
  await mkdir(join(directory, 'repositories', 'empty'));
  await writeFile(join(directory, 'repositories', 'foreign'), '');
  const whole = await call(host, 'GET', '/v2/_catalog');
  expect(whole.json()).toEqual({ repositories: ['a', 'a/b/c', 'b'] });
  const page = await call(host, 'GET', '/v2/_catalog?n=1&last=a');
  expect(page.json()).toEqual({ repositories: ['a/b/c'] });
  expect(page.headers.link).toBe('</v2/_catalog?n=1&last=a%2Fb%2Fc>; rel="next"');
});
