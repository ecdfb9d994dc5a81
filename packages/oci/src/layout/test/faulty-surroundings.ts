import * as fs from 'node:fs';
import { basename } from 'node:path';

import type { OpenFile, Surroundings } from '../surroundings.js';

/** What happens at one step, counted from 0, of all that a process does with the file system. */
export interface Fault {
  readonly at: number;
  /**
   * - `kill`: the process ends before the step;
   * - `tear`: the process ends in the midst of the step, when half of the bytes are written;
   * - `fail`: the step is refused and has no effect;
   * - `fail late`: the step has its effect, and is refused nevertheless.
   */
  readonly kind: 'kill' | 'tear' | 'fail' | 'fail late';
}

export interface FaultySurroundings extends Surroundings {
  /** The steps so far: `rename .unfinished index.json`. */
  readonly steps: readonly string[];
}

/**
 * A process of its own, whose use of the file system meets with a fault. Once killed it is among the
 * dead, which all that share a disk share.
 */
export function faultyProcess(self: string, dead: Set<string>, fault?: Fault): FaultySurroundings {
  const steps: string[] = [];

  const step = <T>(
    name: string,
    paths: readonly string[],
    effect: () => T,
    half?: () => unknown,
  ): T => {
    const at = steps.push([name, ...paths.map(shortened)].join(' ')) - 1;
    if (dead.has(self)) throw new Error('killed');
    if (at !== fault?.at) return effect();
    if (fault.kind === 'tear') half?.();
    if (fault.kind === 'fail late') abandon(effect());
    if (fault.kind === 'kill' || fault.kind === 'tear') {
      dead.add(self);
      throw new Error('killed');
    }
    throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO', syscall: name });
  };

  const file = (descriptor: number): OpenFile => ({
    read: async (buffer) => {
      await turn();
      return { buffer, bytesRead: step('read', [], () => fs.readSync(descriptor, buffer)) };
    },
    writeFile: async (bytes) => {
      await turn();
      const half = bytes.subarray(0, bytes.byteLength / 2);
      step(
        'write',
        [],
        () => fs.writeSync(descriptor, bytes),
        () => fs.writeSync(descriptor, half),
      );
    },
    sync: async () => {
      await turn();
      // Counted, and not done: all it would show here is that it takes time.
      step('sync', [], () => undefined);
    },
    close: async () => {
      await turn();
      // Whatever happens: the system closes what a killed process had open.
      fs.closeSync(descriptor);
      step('close', [], () => undefined);
    },
  });

  return {
    steps,
    // Synchronous inside, which is several times faster, and there are many steps.
    fs: {
      async mkdir(path) {
        await turn();
        step('mkdir', [path], () => fs.mkdirSync(path));
      },
      async open(path, flags) {
        await turn();
        return file(step(`open ${flags}`, [path], () => fs.openSync(path, flags)));
      },
      async readdir(path) {
        await turn();
        return step('readdir', [path], () => fs.readdirSync(path));
      },
      async rename(from, to) {
        await turn();
        step('rename', [from, to], () => fs.renameSync(from, to));
      },
      async rm(path, options) {
        await turn();
        step('rm', [path], () => fs.rmSync(path, options));
      },
      async rmdir(path) {
        await turn();
        step('rmdir', [path], () => fs.rmdirSync(path));
      },
      async stat(path) {
        await turn();
        return step('stat', [path], () => fs.statSync(path));
      },
      async unlink(path) {
        await turn();
        step('unlink', [path], () => fs.unlinkSync(path));
      },
    },
    processes: {
      self,
      state: (name) => Promise.resolve(dead.has(name) ? 'dead' : 'alive'),
    },
    wait: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** Lets others go on, as waiting for the disk does. */
function turn(): Promise<void> {
  return Promise.resolve();
}

/** Closes what was opened for a caller that never learns of it. */
function abandon(result: unknown): void {
  if (typeof result === 'number') fs.closeSync(result);
}

function shortened(path: string): string {
  return basename(path).replace(/^\.unfinished.*/, '.unfinished');
}
