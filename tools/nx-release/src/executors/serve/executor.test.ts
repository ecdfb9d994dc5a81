import { createServer, type AddressInfo } from 'node:net';

import { openRegistry } from '@teleport-plugins/registry';
import { expect, onTestFinished, test } from 'vitest';

import type { Run } from '../../test/run.js';
import { testWorkspace, type TestWorkspace } from '../../test/workspace.js';

test('serves what has been released, says what there is, and ends when it is stopped', async () => {
  const workspace = await testWorkspace();
  await workspace.release();
  const [stagingPort, publicPort] = [await freePort(), await freePort()];
  const { stop } = await serving(workspace, { stagingPort, publicPort });

  for (const port of [stagingPort, publicPort]) {
    const registry = openRegistry(`127.0.0.1:${port}`);
    const found = await registry.repository('acme/mail').manifests.resolve('1.2.3');
    expect(found?.digest).toBe((await workspace.image()).index.digest);
    await registry.close();
  }
  const { success, printed } = await stop();
  expect(success).toBe(true);
  expect(printed).toContain(`local staging: 127.0.0.1:${stagingPort}`);
  expect(printed).toMatch(
    new RegExp(`127\\.0\\.0\\.1:${publicPort}/acme/mail +1 1\\.2 1\\.2\\.3 latest`),
  );
  await expect(fetch(`http://127.0.0.1:${publicPort}/v2/`)).rejects.toThrow();
});

test('serves registries in which nothing is yet, and what is released meanwhile', async () => {
  const workspace = await testWorkspace();
  const [stagingPort, publicPort] = [await freePort(), await freePort()];
  const { stop } = await serving(workspace, { stagingPort, publicPort });
  await workspace.release();
  const registry = openRegistry(`127.0.0.1:${publicPort}`);
  const found = await registry.repository('acme/mail').manifests.resolve('latest');
  expect(found?.digest).toBe((await workspace.image()).index.digest);
  await registry.close();
  expect((await stop()).printed).toContain('none yet');
});

test('a port that is taken is named, and the other registry is not left open', async () => {
  const workspace = await testWorkspace();
  const [stagingPort, publicPort] = [await freePort(), await takenPort()];
  const { success, errors } = await workspace.run('serve', {
    options: { stagingPort, publicPort },
  });
  expect(success).toBe(false);
  expect(errors).toMatch(new RegExp(`127\\.0\\.0\\.1:${publicPort}.*EADDRINUSE`));
  expect(errors).toContain(
    'Another `release:serve` may be running, here or elsewhere: --publicPort=0 takes any free one',
  );
  await expect(fetch(`http://127.0.0.1:${stagingPort}/v2/`)).rejects.toThrow();
});

test('an environment whose registries run elsewhere has nothing to serve', async () => {
  const workspace = await testWorkspace();
  const env = {
    RELEASE_STAGING_REGISTRY: 'registry.example/staging',
    RELEASE_PUBLIC_REGISTRY: 'registry.example/public',
  };
  const { errors } = await workspace.run('serve', { env });
  expect(errors).toContain('the registries of local run elsewhere');
});

test('an environment that does not exist is refused with those that do', async () => {
  const workspace = await testWorkspace();
  const { errors } = await workspace.run('serve', { options: { environment: 'lokal' } });
  expect(errors).toMatch(/no environment "lokal".*local.*production/);
});

/** Runs `serve` until `stop` is called, and returns when it serves. */
async function serving(
  workspace: TestWorkspace,
  options: object,
): Promise<{ readonly stop: () => Promise<Run> }> {
  const stopping = new AbortController();
  let isServing: () => void;
  const served = new Promise<void>((resolve) => (isServing = resolve));
  const running = workspace.run('serve', {
    options,
    signal: stopping.signal,
    onPrint: (line) => {
      if (line.startsWith('Pull with')) isServing();
    },
  });
  await Promise.race([served, running]);
  return {
    stop: () => {
      stopping.abort(new Error('stopped'));
      return running;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function takenPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
