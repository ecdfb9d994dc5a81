import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Docker engine of its own: nothing of it is left when it is stopped. */
export interface DockerEngine {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** Everything it keeps. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts `dockerd`, which needs root. Its containers have no network, or the machine's. */
export async function startDockerEngine(program: string): Promise<DockerEngine> {
  // The path of a socket is at most 107 characters long.
  const folder = await mkdtemp(join(tmpdir(), 'dockerd-'));
  const address = `unix://${join(folder, 'docker.sock')}`;
  const daemon = spawn(
    program,
    [
      ...['--host', address, '--iptables=false', '--bridge=none'],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--pidfile', join(folder, 'docker.pid')],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // Not 'close': what it has started may keep its output open a little longer.
  const ended = once(daemon, 'exit');
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: daemon.stderr }).on('line', (line) => {
      log.push(line);
      if (line.includes('API listen on')) resolve();
    });
    void ended.then(() => {
      reject(new Error(`dockerd did not start:\n${log.join('\n')}`));
    }, reject);
  });
  return {
    address,
    folder,
    stop: async () => {
      daemon.kill('SIGTERM');
      await ended;
      // The network of the machine, lent to a container, stays mounted there.
      await run('umount', [join(folder, 'exec/netns/default')]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
