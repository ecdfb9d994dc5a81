import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The arguments of all programs that have been seen running. */
export interface RecordedArguments {
  readonly all: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Looks at the arguments of all programs of this machine, as everybody on it can, again and again. */
export function recordArguments(): RecordedArguments {
  const all = new Set<string>();
  let isStopped = false;
  const look = async (): Promise<void> => {
    // Other systems show them in other ways.
    while (!isStopped && process.platform === 'linux') {
      for (const name of await readdir('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        // One that has ended meanwhile.
        const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
        if (line !== '') all.add(line.replaceAll('\0', ' '));
      }
      await delay(10);
    }
  };
  const looking = look();
  return {
    all,
    stop: () => {
      isStopped = true;
      return looking;
    },
  };
}
