import { fork } from 'node:child_process';
import { once } from 'node:events';

import { usageOf, type Usage } from '../processes.js';
import type { Workspace } from '../workspace.js';
import type { Served } from './served.js';

/** A registry in a process of its own, over a folder that stays. */
export interface RegistryProcess {
  readonly host: string;
  /** What it has served since it was asked last. */
  served(): Promise<Served>;
  /** What its process has used. */
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** `latency` is what is waited before each request, in milliseconds. */
export async function startRegistry(
  { root, env, programs }: Workspace,
  directory: string,
  latency: number,
): Promise<RegistryProcess> {
  const child = fork(programs.registry, [directory, String(latency)], { cwd: root, env });
  const message = () =>
    new Promise<unknown>((resolve, reject) => {
      const onExit = () => reject(new Error(`the registry over ${directory} ended`));
      child.once('exit', onExit);
      child.once('message', (answer) => {
        child.off('exit', onExit);
        resolve(answer);
      });
    });
  const host = (await message()) as string;
  return {
    host,
    async served() {
      child.send('served');
      return (await message()) as Served;
    },
    async usage() {
      return (await usageOf(child.pid ?? 0)) ?? { cpu: 0, peakMemory: 0 };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
