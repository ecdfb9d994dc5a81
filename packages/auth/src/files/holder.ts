import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A line that names this process as the holder of something; no two are the same. */
export async function newHolder(): Promise<string> {
  const start = (await startOf(process.pid)) ?? 'unknown';
  return [await machine(), process.pid, start, randomUUID()].join(' ');
}

/**
 * Whether a holder's process has certainly ended. Of one on another machine or in another container
 * nothing is known, and on a system without /proc nothing of one whose number is in use again.
 */
export async function hasEnded(holder: string): Promise<boolean> {
  const [where, number, start] = holder.split(' ');
  const pid = Number(number);
  if (where !== (await machine()) || !Number.isSafeInteger(pid) || pid <= 0) return false;
  if (!isRunning(pid)) return true;
  const runsSince = await startOf(pid);
  return runsSince !== undefined && runsSince !== start;
}

/** Process numbers mean the same where this is the same: one boot of one machine, one container. */
async function machine(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  const container = await readlink('/proc/self/ns/pid').catch(() => 'pid');
  return `${boot}/${container}`.replaceAll(/\s/g, '');
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process began: what follows its name in brackets are fields 3 and up, this is field 22. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.replace(/^.*\) /s, '').split(' ')[19];
}
