import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { contentOf } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { RegistryOptions } from './registry.js';
import { opened, testClock } from './test/opened.js';
import { blobOf, bytesOf, manifestOf } from './test/samples.js';
import { cut, scriptedServer, silence, type Answer } from './test/scripted-server.js';

const { manifest, bytes } = manifestOf();
const path = `/v2/acme/app/manifests/${manifest.digest}`;
const found: Answer = { status: 200, body: bytes };

describe('a registry that', () => {
  test('is not there is not waited for on this machine', async () => {
    const clock = testClock();
    const host = await unusedHost();
    await expect(fetch(host, { clock })).rejects.toMatchObject({
      code: 'unreachable',
      transient: false,
      message: `${host}: cannot read manifest ${manifest.digest} of acme/app: the registry refused the connection; check the address and that it is running`,
    });
    expect(clock.pauses).toEqual([]);
  });

  test('was there before is waited for', async () => {
    const clock = testClock();
    const server = await scriptedServer({ [`GET ${path}`]: [found, cut, cut, found] });
    const { manifests } = opened(server.host, { clock }).repository('acme/app');
    await manifests.fetch(manifest);
    await manifests.fetch(manifest);
    expect(clock.pauses).toEqual([125, 250]);
  });

  test('does not answer is given up after a while', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: silence });
    const failure = fetch(server.host, { timeouts: { headers: 50 }, retries: 1 });
    await expect(failure).rejects.toMatchObject({
      code: 'timeout',
      transient: true,
      message: expect.stringContaining('the registry did not answer in time') as string,
    });
    expect(server.log).toHaveLength(2);
  });

  test('stops in the middle of an answer is given up after a while', async () => {
    const server = await scriptedServer({
      [`GET ${path}`]: (response) => {
        response.writeHead(200, { 'content-length': bytes.byteLength });
        response.write(bytes.subarray(0, 10));
        return undefined;
      },
    });
    const failure = fetch(server.host, { timeouts: { body: 50 }, retries: 0 });
    await expect(failure).rejects.toMatchObject({ code: 'timeout' });
  });

  test.each([
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['sends headers without end', `HTTP/1.1 200 OK\r\n${'x-header: x\r\n'.repeat(10_000)}`],
    ['sends a broken length', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
  ])('%s is told so', async (_name, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(fetch(`127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'garbage',
      message: expect.stringContaining('something that is not HTTP') as string,
    });
  });

  test('answers a huge error is not read to its end', async () => {
    const server = await scriptedServer({
      [`GET ${path}`]: (response) => {
        response.writeHead(418);
        const more = () => {
          while (response.write('x'.repeat(65_536))) if (response.destroyed) return;
          response.once('drain', more);
        };
        more();
        return undefined;
      },
    });
    const failure = await fetch(server.host).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'rejected', status: 418 });
    expect(String(failure).length).toBeLessThan(600);
  });
});

test('connections are kept, and no more than allowed', async () => {
  const server = await scriptedServer({ [`GET ${path}`]: found });
  const { manifests } = opened(server.host, { connections: 2 }).repository('acme/app');
  await Promise.all(Array.from({ length: 20 }, () => manifests.fetch(manifest)));
  await manifests.fetch(manifest);
  expect(server.connections).toBe(2);
});

test('traffic is counted', async () => {
  const { blob, bytes: content } = blobOf(1000);
  const server = await scriptedServer({
    [`GET ${path}`]: [{ status: 503 }, found],
    'POST /v2/acme/app/blobs/uploads/': { status: 202, headers: { location: '/upload' } },
    'PUT /upload': { status: 201 },
  });
  const registry = opened(server.host);
  expect(registry.traffic).toEqual({ requests: 0, bytesSent: 0, bytesReceived: 0 });
  await registry.repository('acme/app').manifests.fetch(manifest);
  await registry.repository('acme/app').blobs.push(blob, contentOf(content));
  expect(registry.traffic).toEqual({
    requests: 4,
    bytesSent: 1000,
    bytesReceived: bytes.byteLength,
  });
});

describe('a closed registry', () => {
  test('makes no request', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: found });
    const registry = opened(server.host);
    const { manifests } = registry.repository('acme/app');
    await registry.close();
    await registry.close();
    await expect(manifests.fetch(manifest)).rejects.toMatchObject({ code: 'closed' });
    expect(server.log).toEqual([]);
  });

  test('ends what is under way', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: silence });
    const registry = opened(server.host);
    const pending = registry.repository('acme/app').manifests.fetch(manifest);
    await Promise.all([
      expect(pending).rejects.toMatchObject({ code: 'closed' }),
      expect
        .poll(() => server.log.length)
        .toBe(1)
        .then(() => registry.close()),
    ]);
  });
});

test('an aborted request throws the reason', async () => {
  const server = await scriptedServer({ [`GET ${path}`]: silence });
  const controller = new AbortController();
  const { manifests } = opened(server.host).repository('acme/app');
  const pending = manifests.fetch(manifest, { signal: controller.signal });
  const reason = new Error('enough');
  await Promise.all([
    expect(pending).rejects.toBe(reason),
    expect
      .poll(() => server.log.length)
      .toBe(1)
      .then(() => {
        controller.abort(reason);
      }),
  ]);
});

describe('a proxy', () => {
  test('is never asked for this machine', async () => {
    const proxy = await scriptedServer();
    const server = await scriptedServer({ [`GET ${path}`]: found });
    const address = `http://${proxy.host}`;
    await fetch(server.host, { proxy: { httpProxy: address, httpsProxy: address } });
    expect(proxy.log).toEqual([]);
  });

  test('is asked for other hosts, except for those it is not for', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: found });
    const asked: string[] = [];
    const proxy = await tunnels(server.host, asked);
    const through = (noProxy: string) =>
      fetch('registry.example:8000', {
        scheme: 'http',
        retries: 0,
        proxy: { httpProxy: `http://${proxy}`, noProxy },
      });
    expect(Buffer.from(await through('other.example'))).toEqual(bytes);
    expect(asked).toEqual(['registry.example:8000']);
    expect(server.requests[0]?.headers.host).toBe('registry.example:8000');
    await expect(through('registry.example')).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toHaveLength(1);
  });

  test.each([
    [
      'refuses',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      'could not be reached through the proxy (Proxy response (407)',
    ],
    [
      'cuts the connection',
      '',
      'broke the connection (the proxy cut it); try again (tried 2 times)',
    ],
  ])('that %s is told about', async (_name, answer, message) => {
    const proxy = createHttpServer();
    proxy.on('connect', (_request, socket) => socket.end(answer));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const httpProxy = `http://127.0.0.1:${port}`;
    const options: RegistryOptions = { scheme: 'http', retries: 1, proxy: { httpProxy } };
    await expect(fetch('registry.example:8000', options)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(message) as string,
    });
  });
});

test('a registry without encryption that is asked for it is told about', async () => {
  const server = await scriptedServer({ [`GET ${path}`]: found });
  await expect(fetch(server.host, { scheme: 'https' })).rejects.toMatchObject({
    code: 'tls',
    message: expect.stringContaining('it may speak plain http') as string,
  });
});

describeWithPeer({ program: 'openssl', install: 'apt-get install openssl' }, (openssl) => {
  test('a certificate that nobody trusts is told about', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: found }, await certificate(openssl));
    await expect(fetch(server.host, { scheme: 'https' })).rejects.toMatchObject({
      code: 'tls',
      transient: false,
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
    });
    expect(server.log).toEqual([]);
  });

  test('a certificate of an authority that was made known is trusted', async () => {
    const tls = await certificate(openssl);
    const server = await scriptedServer({ [`GET ${path}`]: found }, tls);
    expect(Buffer.from(await fetch(server.host, { scheme: 'https', ca: tls.cert }))).toEqual(bytes);
  });

  test('nothing leads from https to http: no redirect, no upload, no token server', async () => {
    const tls = await certificate(openssl);
    const { blob, bytes: content } = blobOf(10);
    const plain = await scriptedServer();
    const location = `http://${plain.host}/x?secret`;
    const uploads = 'POST /v2/acme/app/blobs/uploads/';
    const server = await scriptedServer(
      {
        [`GET /v2/acme/app/blobs/${blob.digest}`]: { status: 307, headers: { location } },
        [uploads]: { status: 202, headers: { location } },
        'HEAD /v2/acme/app/manifests/1': {
          status: 401,
          headers: { 'www-authenticate': `Bearer realm="${location}"` },
        },
      },
      tls,
    );
    const credentials = () =>
      Promise.resolve({ kind: 'basic', username: 'ann', password: new Secret('x') } as const);
    const registry = opened(server.host, { scheme: 'https', ca: tls.cert, credentials });
    const { blobs, manifests } = registry.repository('acme/app');
    for (const operation of [
      () => bytesOf(blobs.fetch(blob)),
      () => blobs.push(blob, contentOf(content)),
      () => manifests.resolve('1'),
    ]) {
      const failure = await operation().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'unsafe-address' });
      expect(String(failure)).not.toContain('secret');
    }
    expect(plain.log).toEqual([]);
  });
});

function fetch(host: string, options: RegistryOptions = {}): Promise<Uint8Array> {
  return opened(host, options).repository('acme/app').manifests.fetch(manifest);
}

async function unusedHost(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** An HTTP proxy whose tunnels all end at one server. */
async function tunnels(to: string, asked: string[]): Promise<string> {
  const server = createHttpServer();
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const [host, port] = to.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) each.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
      onward.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A certificate of its own authority for 127.0.0.1. */
async function certificate(openssl: string): Promise<{ key: string; cert: string }> {
  const directory = await temporaryDirectory();
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  await promisify(execFile)(openssl, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
  ]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}
