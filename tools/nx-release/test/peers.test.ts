import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import {
  type Clone,
  cloneWorkspace,
  describeWithPeer,
  type DockerEngine,
  freePort,
  type Running,
  type Peer,
  startDockerEngine,
  temporaryDirectory,
} from '@teleport-plugins/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { openMailbox } from './mailbox.js';

const run = promisify(execFile);
const skopeo: Peer = { program: 'skopeo', install: 'apt-get install skopeo' };
const dockerd: Peer = { program: 'dockerd', install: 'apt-get install docker.io' };

let clone: Clone;
let serving: Running;
let [stagingPort, publicPort] = [0, 0];
let digest: string;
let version: string;

beforeAll(async () => {
  clone = await cloneWorkspace();
  const { output } = await clone.nx('run plugin-email:promote-public');
  [, version = '', digest = ''] = /✔ public: \S+:([^:@]+)@(sha256:\S+)/.exec(output) ?? [];
  [stagingPort, publicPort] = [await freePort(), await freePort()];
  serving = clone.start(
    `run release:serve --staging-port ${stagingPort} --public-port ${publicPort}`,
  );
  await serving.printed(/Pull with/);
});
afterAll(async () => {
  serving.kill('SIGINT');
  await serving.ended;
  await clone.remove();
});

const name = 'gravitational/teleport-plugin-email';

describeWithPeer(skopeo, (program) => {
  const options = { encoding: 'buffer', maxBuffer: 10_000_000 } as const;

  test('reads the index that has the digest, under the version and the floating tags', async () => {
    const [major = '', minor = ''] = version.split('.');
    for (const tag of [version, `${major}.${minor}`, major, 'latest']) {
      const image = `docker://127.0.0.1:${publicPort}/${name}:${tag}`;
      const words = ['inspect', '--raw', '--tls-verify=false', image];
      const { stdout } = await run(program, words, options);
      expect(`sha256:${createHash('sha256').update(stdout).digest('hex')}`).toBe(digest);
    }
  });

  test('copies the image out and in again, byte for byte', async () => {
    const folder = join(await temporaryDirectory(), 'layout');
    const copy = ['copy', '--quiet', '--all', '--preserve-digests'];
    const image = `127.0.0.1:${publicPort}/${name}@${digest}`;
    await run(program, [...copy, '--src-tls-verify=false', `docker://${image}`, `oci:${folder}:x`]);
    const index = await readFile(join(folder, 'blobs', digest.replace(':', '/')));
    expect(`sha256:${createHash('sha256').update(index).digest('hex')}`).toBe(digest);

    const other = `127.0.0.1:${stagingPort}/acme/copied:1`;
    await run(program, [
      ...copy,
      '--dest-tls-verify=false',
      `oci:${folder}:x`,
      `docker://${other}`,
    ]);
    const words = ['inspect', '--tls-verify=false', '--format={{.Digest}}', `docker://${other}`];
    expect((await run(program, words)).stdout.trim()).toBe(digest);
  });
});

describeWithPeer(dockerd, (program) => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await startDockerEngine(program);
  });
  afterAll(() => engine.stop());

  test('pulls from serve what was promoted', async () => {
    const image = `127.0.0.1:${publicPort}/${name}:${version}`;
    await docker('pull', image);
    const digests = await docker('image', 'inspect', '--format={{.RepoDigests}}', image);
    expect(digests).toContain(`${name}@${digest}`);
  });

  test('runs what pull-staging has read, under the name that a pull gives it', async () => {
    const env = { DOCKER_HOST: engine.address };
    const reference = `127.0.0.1:5001/${name}:${version}`;
    const pulled = await clone.nx('run plugin-email:pull-staging --engine docker', { env });
    expect(pulled.code, pulled.output).toBe(0);
    expect(pulled.output).toContain(`✔ pulled ${reference}@${digest} into docker (linux/`);
    expect(await docker('run', '--rm', '--network=none', reference, '--version')).toContain(
      version,
    );
    const again = await clone.nx('run plugin-email:pull-staging', { env });
    expect(again.output).toContain(`✔ already in docker: ${reference}@${digest}`);
  });

  test('runs what load-image has loaded: it answers, and mails what it is told of', async () => {
    const env = { DOCKER_HOST: engine.address };
    const loaded = await clone.nx('run plugin-email:load-image --engine docker', { env });
    expect(loaded.code, loaded.output).toBe(0);
    expect(
      await docker(
        'run',
        '--rm',
        '--network=none',
        `teleport-plugin-email:${version}`,
        '--version',
      ),
    ).toContain(version);

    const mailbox = await openMailbox();
    onTestFinished(() => mailbox.close());
    const port = await freePort();
    const config = join(await temporaryDirectory(), 'plugin.toml');
    await writeFile(
      config,
      `[smtp]
host = "127.0.0.1"
port = ${mailbox.port}
security = "none"
[delivery]
sender = "Teleport <teleport@example.com>"
[role_to_recipients]
"*" = "reviewers@example.com"
[server]
listen = "127.0.0.1:${port}"
`,
      { mode: 0o644 },
    );
    const container = (
      await docker(
        ...['run', '--detach', '--network=host', '--read-only'],
        ...['--volume', `${config}:/etc/teleport-plugin-email.toml:ro`],
        `teleport-plugin-email:${version}`,
      )
    ).trim();
    onTestFinished(async () => {
      await docker('rm', '--force', container);
    });

    const address = `http://127.0.0.1:${port}`;
    expect((await answerOf(`${address}/healthz`, () => docker('logs', container))).status).toBe(
      200,
    );
    const event = {
      event: 'access_request.create',
      code: 'T5000I',
      uid: '1',
      id: 'my-request',
      user: 'alice',
      roles: ['admin'],
      state: 'PENDING',
      reason: 'to try the plugin',
      time: '2026-01-01T00:00:00Z',
    };
    const posted = await fetch(`${address}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
    expect(posted.ok).toBe(true);
    const mail = await mailbox.mail;
    expect(mail).toContain('reviewers@example.com');
    expect(mail).toContain('alice');
  });

  async function docker(...words: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run('docker', words, {
      env: { ...process.env, DOCKER_HOST: engine.address },
    });
    return stdout + (words[0] === 'logs' ? stderr : '');
  }
});

/** The first answer of a service that is starting; the log says why there is none. */
async function answerOf(url: string, log: () => Promise<string>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(url);
    } catch (error) {
      if (attempt === 100)
        throw new Error(`no answer from ${url}:\n${await log()}`, { cause: error });
      await delay(100);
    }
  }
}
