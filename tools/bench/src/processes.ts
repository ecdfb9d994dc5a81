import { readFile, readdir } from 'node:fs/promises';

/** What processes have used. */
export interface Usage {
  /** User and system time, in milliseconds. */
  readonly cpu: number;
  /** The most that was resident at once, in bytes. */
  readonly peakMemory: number;
}

/**
 * What a process and its descendants have used by now, read from /proc; the memory of descendants that
 * have ended does not count. `undefined` when the process has ended, and where there is no /proc.
 */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    const children = await Promise.all((await childrenOf(pid)).map(usageOf));
    const [own, below] = [await usageOfOne(pid), children.filter((child) => child !== undefined)];
    return {
      cpu: own.cpu + below.reduce((sum, { cpu }) => sum + cpu, 0),
      peakMemory: own.peakMemory + below.reduce((sum, { peakMemory }) => sum + peakMemory, 0),
    };
  } catch {
    return undefined;
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, proc_pid_status.5 */
async function usageOfOne(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // Behind the program's name, which may hold anything, from field 3 on. Fields 14 to 17 are the times
  // of the process and of those of its children that have ended.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? '0';
  return { cpu: ticks * millisecondsPerTick, peakMemory: Number(kibibytes) * 1024 };
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = threads.map((thread) =>
    // A thread may have ended since.
    readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(lists)).flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const millisecondsPerTick = 10;
