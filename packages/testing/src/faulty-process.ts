import * as fs from 'node:fs';
import { basename } from 'node:path';

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

export interface FaultyProcessOptions {
  readonly fault?: Fault | undefined;
  /** Called before each step. */
  readonly onStep?: ((step: string) => void | Promise<void>) | undefined;
}

export type FaultyProcess = ReturnType<typeof faultyProcess>;

/**
 * A process of its own, whose use of the file system meets with a fault. Once killed it is among the
 * dead, which all that share a disk share. `steps` are those so far: `rename unfinished versions`.
 */
export function faultyProcess(
  self: string,
  dead: Set<string>,
  { fault, onStep }: FaultyProcessOptions = {},
) {
  const steps: string[] = [];

  const step = async <T>(
    name: string,
    paths: readonly string[],
    effect: () => T,
    half?: () => unknown,
  ): Promise<T> => {
    const told = [name, ...paths.map(shortened)].join(' ');
    // Lets others go on, as waiting for the disk does.
    await onStep?.(told);
    const at = steps.push(told) - 1;
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

  const file = (descriptor: number) => ({
    read: async (
      buffer: Buffer,
      offset = 0,
      length = buffer.byteLength,
      position: number | null = null,
    ) => {
      const read = () => fs.readSync(descriptor, buffer, offset, length, position);
      return { buffer, bytesRead: await step('read', [], read) };
    },
    stat: (options: { readonly bigint: true }) =>
      step('fstat', [], () => fs.fstatSync(descriptor, options)),
    writeFile: (bytes: Uint8Array) => {
      const half = bytes.subarray(0, bytes.byteLength / 2);
      return step(
        'write',
        [],
        () => void fs.writeSync(descriptor, bytes),
        () => fs.writeSync(descriptor, half),
      );
    },
    // Counted, and not done: all it would show here is that it takes time.
    sync: () => step('sync', [], () => undefined),
    close: async () => {
      await Promise.resolve();
      // Whatever happens: the system closes what a killed process had open.
      fs.closeSync(descriptor);
      await step('close', [], () => undefined);
    },
  });

  return {
    steps: steps as readonly string[],
    // Synchronous inside, which is several times faster, and there are many steps.
    fs: {
      link: (from: string, to: string) => step('link', [from, to], () => fs.linkSync(from, to)),
      lstat: (path: string, options: { readonly bigint: true }) =>
        step('lstat', [path], () => fs.lstatSync(path, options)),
      mkdir: (path: string) => step('mkdir', [path], () => fs.mkdirSync(path)),
      open: async (path: string, flags: 'r' | 'wx' | number) => {
        const mode = flags === 'wx' ? 'open wx' : 'open r';
        return file(await step(mode, [path], () => fs.openSync(path, flags)));
      },
      readdir: (path: string) => step('readdir', [path], () => fs.readdirSync(path)),
      rename: (from: string, to: string) =>
        step('rename', [from, to], () => fs.renameSync(from, to)),
      rm: (path: string, options: { readonly recursive: boolean; readonly force: boolean }) =>
        step('rm', [path], () => fs.rmSync(path, options)),
      rmdir: (path: string) => step('rmdir', [path], () => fs.rmdirSync(path)),
      stat: (path: string) => step('stat', [path], () => fs.statSync(path)),
      unlink: (path: string) => step('unlink', [path], () => fs.unlinkSync(path)),
    },
    processes: {
      self,
      state: (name: string) =>
        Promise.resolve(dead.has(name) ? ('dead' as const) : ('alive' as const)),
    },
    wait: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
}

/** Closes what was opened for a caller that never learns of it. */
function abandon(result: unknown): void {
  if (typeof result === 'number') fs.closeSync(result);
}

/** The name of a file, without what is different each time. */
function shortened(path: string): string {
  return basename(path)
    .replace(/^(\.?unfinished).*/, '$1')
    .replace(/^[0-9a-f]{64}\.json$/, 'attributes.json');
}
