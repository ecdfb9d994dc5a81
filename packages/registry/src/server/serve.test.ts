import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { ServedRequest } from './respond.js';
import { serveRegistry, serveStore } from './serve.js';
import { openStore } from './store.js';
import { beginUpload, image, layer, pullManifest, pushImage, withQuery } from './test/content.js';
import { faultyFiles } from './test/faulty-files.js';
import { call } from './test/http.js';
import { serve } from './test/serving.js';

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
      code: 'registry-missing',
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

test('each request is reported, without what may be secret', async () => {
  const requests: ServedRequest[] = [];
  const { host, server } = await serve({ onRequest: (request) => requests.push(request) });
  const headers = { authorization: 'Basic c2VjcmV0' };
  await call(host, 'GET', '/v2/?token=secret', { headers });
  await call(host, 'POST', '/v2/app/blobs/uploads/?digest=sha256:x', { body: Buffer.from('abc') });
  await server.close();
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
