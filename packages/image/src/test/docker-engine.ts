import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import type { Content } from '@teleport-plugins/oci';

const run = promisify(execFile);

/** A Docker engine of its own, with everything it keeps in one folder and no network. */
export interface DockerEngine {
  /** Runs `docker` with the words, and gives what it prints. */
  docker(...words: readonly string[]): Promise<string>;
  load(archive: Content): Promise<string>;
  /** Imports an archive into the containerd of the engine, and gives the list of images there. */
  importIntoContainerd(file: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts `dockerd`, which needs root. The client is the one of the same package, besides the daemon. */
export async function startDockerEngine(program: string, directory: string): Promise<DockerEngine> {
  const client = '/usr/bin/docker';
  const socket = `unix://${join(directory, 'docker.sock')}`;
  const daemon = spawn(
    program,
    [
      ...['--host', socket, '--iptables=false', '--bridge=none'],
      ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
      ...['--pidfile', join(directory, 'docker.pid')],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(daemon, 'exit');
  const log: string[] = [];
  const lines = createInterface({ input: daemon.stderr });
  await new Promise<void>((listening, failed) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('API listen on')) listening();
    });
    daemon.on('error', failed);
    lines.on('close', () => failed(new Error(`dockerd did not start:\n${log.join('\n')}`)));
  });

  return {
    async docker(...words) {
      const { stdout } = await run(client, ['--host', socket, ...words]);
      return stdout;
    },
    async load(archive) {
      const loading = spawn(client, ['--host', socket, 'load']);
      const output = textOf(loading.stdout);
      const problem = textOf(loading.stderr);
      const ended = once(loading, 'exit');
      await pipeline(Readable.from(archive), loading.stdin);
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`docker load: ${await problem}`);
      return output;
    },
    async importIntoContainerd(file) {
      const containerd = ['--address', join(directory, 'exec/containerd/containerd.sock')];
      await run('ctr', [...containerd, 'images', 'import', file]);
      return (await run('ctr', [...containerd, 'images', 'list'])).stdout;
    },
    async stop() {
      daemon.kill('SIGTERM');
      await exited;
    },
  };
}

async function textOf(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
