import { memoryStore } from '@teleport-plugins/object-store';
import { expect, onTestFinished, test } from 'vitest';

import { publish, registryOf, releaseOf, address, now } from '../test/release.js';
import { urlReader } from '../verify/reader.js';
import { verifyRegistry } from '../verify/verify.js';
import { serveTerraformRegistry } from './serve-registry.js';

async function served(store = memoryStore()) {
  const server = await serveTerraformRegistry(store);
  onTestFinished(() => server.close());
  return { store, ...server };
}

test('A registry that is served is one from which clients can install', async () => {
  const { store, url, providersUrl } = await served();
  await publish(registryOf(store), await releaseOf('9.1.3'));
  expect(await verifyRegistry(urlReader(new URL(url)), address, { at: now })).toEqual([]);
  const versions = await fetch(`${providersUrl}${address.namespace}/${address.type}/versions`);
  expect(versions.headers.get('content-type')).toBe('application/json');
  expect(versions.headers.get('cache-control')).toBe('public, max-age=60');
});

test('What is not there, and what can be no key, is answered with 404', async () => {
  const { url } = await served();
  for (const path of ['/', '/a', '/a//b', '/%2e%2e/a', '/%00', '/%zz', '/a?b']) {
    expect((await fetch(url + path)).status).toBe(404);
  }
});

test('HEAD tells what GET would give, and nothing can be written', async () => {
  const { store, url } = await served();
  await store.put('a', Buffer.from('12345'), { mode: 'create', contentType: 'text/plain' });
  const head = await fetch(`${url}/a`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
    200,
    '5',
    '',
  ]);
  for (const method of ['PUT', 'POST', 'DELETE']) {
    expect((await fetch(`${url}/a`, { method })).status).toBe(405);
  }
});

test('An object that ends too early is not taken for a whole one', async () => {
  const store = memoryStore();
  await store.put('a', Buffer.from('12345'), { mode: 'create', contentType: 'text/plain' });
  const { url } = await served({
    ...store,
    async get(key, options) {
      const found = await store.get(key, options);
      return (
        found && {
          ...found,
          // eslint-disable-next-line @typescript-eslint/require-await -- content is asynchronous
          async *content() {
            yield Buffer.from('1');
            throw new Error('the disk is gone');
          },
        }
      );
    },
  });
  await expect(fetch(`${url}/a`).then((response) => response.text())).rejects.toThrow();
});

test('A store that fails is answered with 500', async () => {
  const store = memoryStore();
  const { url } = await served({ ...store, get: () => Promise.reject(new Error('no disk')) });
  expect((await fetch(`${url}/a`)).status).toBe(500);
});

test('A port that is taken is named', async () => {
  const { url } = await served();
  const port = Number(new URL(url).port);
  await expect(serveTerraformRegistry(memoryStore(), { port })).rejects.toMatchObject({
    code: 'port-unavailable',
    message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*EADDRINUSE`)) as string,
  });
});
