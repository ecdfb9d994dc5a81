import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { listening, serveTunnels } from '../test/tunnels.js';
import { testHost } from '../test/host.js';
import { openFetching } from './fetching.js';

describeWithPeer({ program: 'openssl', install: 'apt-get install openssl' }, (openssl) => {
  async function served() {
    const folder = await temporaryDirectory();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=x'];
    execFileSync(openssl, ['req', ...kind, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const files = { key: await readFile(key), cert: await readFile(cert) };
    const server = createSecureServer(files, (request, response) => {
      const to = { '/moved': '/here', '/circle': '/circle' }[request.url ?? ''];
      if (to !== undefined) response.writeHead(302, { location: to }).end();
      else if (request.url === '/absent') response.writeHead(404).end('no');
      else response.writeHead(200, { 'content-type': 'application/json' }).end(request.url);
    });
    // Nobody but this test trusts the certificate, and a process learns whom to trust when it starts.
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    return serveTunnels(await listening(server));
  }

  test('What is fetched over HTTPS goes through the proxy of the environment, redirects too', async () => {
    const { url, asked } = await served();
    const host = testHost({ env: { HTTPS_PROXY: url } });
    const fetching = openFetching(host);
    for (const [path, status, text] of [
      ['/here', 200, '/here'],
      ['/moved', 200, '/here'],
      ['/absent', 404, 'no'],
    ] as const) {
      const from = new URL(path, 'https://tf.example.com');
      const response = await fetching(from, { signal: host.signal });
      expect(response.status).toBe(status);
      const type = response.headers.get('content-type');
      expect(type).toBe(status === 200 ? 'application/json' : null);
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body!) pieces.push(piece as Uint8Array);
      expect(Buffer.concat(pieces).toString()).toBe(text);
    }
    const circle = fetching(new URL('https://tf.example.com/circle'), { signal: null });
    await expect(circle).rejects.toThrow('was redirected more than 10 times');
    expect(new Set(asked)).toEqual(new Set(['tf.example.com:443']));
    await host.close();
  });
});

test('What NO_PROXY names, and what is on this machine, is asked directly', async () => {
  const { url, asked } = await serveTunnels();
  const host = testHost({ env: { HTTPS_PROXY: url, NO_PROXY: 'invalid' } });
  const fetching = openFetching(host);
  const direct = fetching(new URL('https://registry.invalid/'), { signal: null });
  await expect(direct).rejects.toThrow('fetch failed');
  const server = createServer((_, response) => response.end('here'));
  const port = await listening(server);
  const { body } = await fetching(new URL(`http://127.0.0.1:${port}/`), { signal: null });
  await body?.cancel();
  expect(asked).toEqual([]);
  await host.close();
});
