import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { contentOf, type Repository } from '@teleport-plugins/oci';
import { repositoryContract } from '@teleport-plugins/oci/contract';
import { Secret } from '@teleport-plugins/secrets';
import { describeWithPeer } from '@teleport-plugins/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { serveRegistry } from '../server/serve.js';
import { startDockerRegistry } from '../server/test/docker-registry.js';
import { openRegistry, type Registry, type RegistryOptions } from './registry.js';
import { blobOf, bytesOf } from './test/samples.js';
import { tokenGuard } from './test/token-guard.js';

const withPassword = (password: string): RegistryOptions => ({
  credentials: () =>
    Promise.resolve({ kind: 'basic', username: 'ann', password: new Secret(password) }),
});

const embedded = running(async (directory) => {
  const server = await serveRegistry(directory);
  return { host: server.host, stop: () => server.close() };
});
repositoryContract('a repository in the embedded registry', embedded.open);
mounts('in the embedded registry', embedded);

const guarded = running(async (directory) => {
  const server = await serveRegistry(directory);
  const guard = await tokenGuard(server.host);
  const stop = async () => {
    await guard.close();
    await server.close();
  };
  return { host: guard.host, stop };
}, withPassword('secret'));
repositoryContract('a repository behind a token server', guarded.open);
mounts('behind a token server', guarded);

describeWithPeer(
  { program: 'docker-registry', install: 'apt-get install docker-registry' },
  (program) => {
    const open = running((directory) => startDockerRegistry(program, directory));
    repositoryContract('its repositories', open.open, { exclusiveTags: false });
    mounts('there', open);

    const closed = running(async (directory) => {
      const path = join(directory, 'htpasswd');
      await writeFile(path, `ann:${bcryptOfOpensesame}\n`);
      return startDockerRegistry(program, directory, {
        auth: { htpasswd: { realm: 'test', path } },
      });
    }, withPassword('opensesame'));
    repositoryContract('its repositories, with a password', closed.open, { exclusiveTags: false });

    test('a wrong password is told', async () => {
      const registry = openRegistry(closed.host(), withPassword('wrong'));
      await expect(registry.repository('a').manifests.resolve('1')).rejects.toMatchObject({
        code: 'unauthorized',
        message: expect.stringContaining(
          'answered 401 (UNAUTHORIZED: authentication required)',
        ) as string,
      });
      await registry.close();
    });
  },
);

function mounts(where: string, { open, registry }: Running): void {
  test(`a blob is mounted from another repository ${where}`, async () => {
    const { blob, bytes } = blobOf(5000);
    const from = await open();
    await from.blobs.push(blob, contentOf(bytes));
    const to = await open();
    const before = registry().traffic.bytesSent;
    expect(await to.blobs.mount?.(blob, from.name.replace(/^[^/]*\//, ''))).toBe(true);
    expect(registry().traffic.bytesSent).toBe(before);
    expect(await bytesOf(to.blobs.fetch(blob))).toEqual(bytes);

    // Refused, and the upload that is offered instead is used.
    const other = blobOf(5001);
    expect(await to.blobs.mount?.(other.blob, from.name.replace(/^[^/]*\//, ''))).toBe(false);
    await to.blobs.push(other.blob, contentOf(other.bytes));
    expect(await to.blobs.exists(other.blob)).toBe(true);
  });
}

interface Running {
  readonly open: () => Promise<Repository>;
  readonly host: () => string;
  readonly registry: () => Registry;
}

/** Starts a registry over an empty folder for the suite around it, which opens one new repository after the other. */
function running(
  start: (directory: string) => Promise<{ readonly host: string; stop(): Promise<void> }>,
  options: RegistryOptions = {},
): Running {
  let directory = '';
  let server: Awaited<ReturnType<typeof start>> | undefined;
  let client: Registry | undefined;
  let count = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'teleport-plugins-contract-'));
    server = await start(directory);
    client = openRegistry(server.host, options);
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  const registry = () => {
    if (client === undefined) throw new Error('the registry has not been started');
    return client;
  };
  return {
    registry,
    host: () => registry().host,
    open: () => Promise.resolve(registry().repository(`acme/app${count++}`)),
  };
}

/** As `htpasswd -nbB` writes it; docker-registry takes no other kind. */
const bcryptOfOpensesame = '$2b$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi';
