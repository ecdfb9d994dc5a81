import type { FileHandle } from 'node:fs/promises';

import { nodeFiles, type Files } from '../files.js';

/** What happens at which step: one operation fails, or the process as good as ends there. */
export interface Fault {
  readonly step: number;
  readonly kind: 'fails' | 'stops';
}

class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface FaultyFiles {
  readonly files: Files;
  /** From now on steps count. */
  arm(): void;
  /** How many there were. */
  steps(): number;
}

/**
 * Files of which one operation fails for lack of room, or from which on none has any effect, as if the
 * process had been killed. A write that is hit leaves half of its bytes. Nothing waits for the disk.
 */
export function faultyFiles(fault?: Fault): FaultyFiles {
  let step = 0;
  let armed = false;

  async function hit(begin: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    if (!armed) return;
    step += 1;
    if (step === fault?.step) {
      await begin();
      if (fault.kind === 'fails') {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      }
    }
    if (fault?.kind === 'stops' && step >= fault.step) throw new Stopped();
  }

  function faulty(handle: FileHandle): FileHandle {
    const operations: Partial<FileHandle> = {
      async write(bytes: Uint8Array, offset: number, _length: number, position: number) {
        await hit(() => handle.write(bytes, offset, (bytes.length - offset) >> 1, position));
        return handle.write(bytes, offset, undefined, position);
      },
      sync: () => hit(),
      truncate: (length) => hit().then(() => handle.truncate(length)),
      close: () => handle.close().then(() => hit()),
    } as Partial<FileHandle>;
    return new Proxy(handle, {
      get(target, name) {
        const own: unknown = Reflect.get(name in operations ? operations : target, name);
        return typeof own === 'function' ? (own.bind(target) as unknown) : own;
      },
    });
  }

  const files = Object.fromEntries(
    (['link', 'mkdir', 'readdir', 'rename', 'stat', 'unlink'] as const).map((name) => [
      name,
      async (...parameters: never[]) => {
        await hit();
        return (nodeFiles[name] as (...all: never[]) => Promise<unknown>)(...parameters);
      },
    ]),
  ) as unknown as Omit<Files, 'open'>;
  return {
    files: {
      ...files,
      async open(path, flags) {
        await hit();
        return faulty(await nodeFiles.open(path, flags));
      },
    },
    arm: () => void (armed = true),
    steps: () => step,
  };
}
