import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { usageOf, type Usage } from './processes.js';

/** A program to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ran. */
export interface Run extends Usage {
  /** From start to end, in milliseconds. */
  readonly wall: number;
  readonly stdout: string;
}

/**
 * Runs a program and measures it with its descendants. They are looked at every few milliseconds, so
 * what they use after the last look is missing from CPU time; memory counts at its peak.
 *
 * @throws Error with the program's stderr when it fails
 */
export async function run({ program, args, cwd, env }: Command): Promise<Run> {
  const begin = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  let used: Usage = { cpu: 0, peakMemory: 0 };
  let isEnded = false;
  const look = async (pid: number): Promise<void> => {
    while (!isEnded) {
      const now = await usageOf(pid);
      used = {
        cpu: Math.max(used.cpu, now?.cpu ?? 0),
        peakMemory: Math.max(used.peakMemory, now?.peakMemory ?? 0),
      };
      await delay(interval);
    }
  };
  const looking = child.pid === undefined ? undefined : look(child.pid);
  const [code] = await closed;
  const wall = performance.now() - begin;
  isEnded = true;
  await looking;
  if (code === 0) return { ...used, wall, stdout: stdout() };
  throw new Error(
    `${[program, ...args].join(' ')} ended with ${String(code)}:\n${stderr()}${stdout()}`,
  );
}

/** In milliseconds. */
const interval = 10;

function collect(stream: NodeJS.ReadableStream): () => string {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString();
}
