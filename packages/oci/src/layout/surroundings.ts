import * as fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import { thisProcess, type Processes } from './processes.js';

/** What a layout uses of the machine, so that tests can fail, kill and hold up every step of it. */
export interface Surroundings {
  readonly fs: Pick<
    typeof fs,
    'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'rmdir' | 'stat' | 'unlink'
  >;
  readonly processes: Processes;
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

export async function realSurroundings(): Promise<Surroundings> {
  return {
    fs,
    processes: await thisProcess(),
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal && { signal }),
  };
}
