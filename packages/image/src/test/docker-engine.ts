import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import type { Content } from '@teleport-plugins/oci';
import { startDockerEngine } from '@teleport-plugins/testing';

const run = promisify(execFile);

/** A Docker engine of its own, with everything it keeps in one folder and no network. */
export interface ImageEngine {
  /** Runs `docker` with the words, and gives what it prints. */
  docker(...words: readonly string[]): Promise<string>;
  load(archive: Content): Promise<string>;
  /** Imports an archive into the containerd of the engine, and gives the list of images there. */
  importIntoContainerd(file: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts `dockerd`, which needs root. The client is the one of the same package, besides the daemon. */
export async function startImageEngine(program: string): Promise<ImageEngine> {
  const client = '/usr/bin/docker';
  const engine = await startDockerEngine(program);
  const to = ['--host', engine.address];
  return {
    async docker(...words) {
      return (await run(client, [...to, ...words])).stdout;
    },
    async load(archive) {
      const loading = spawn(client, [...to, 'load']);
      const output = text(loading.stdout);
      const problem = text(loading.stderr);
      const ended = once(loading, 'exit');
      await pipeline(Readable.from(archive), loading.stdin);
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`docker load: ${await problem}`);
      return output;
    },
    async importIntoContainerd(file) {
      const address = join(engine.folder, 'exec/containerd/containerd.sock');
      const containerd = ['--address', address];
      await run('ctr', [...containerd, 'images', 'import', file]);
      return (await run('ctr', [...containerd, 'images', 'list'])).stdout;
    },
    stop: () => engine.stop(),
  };
}
