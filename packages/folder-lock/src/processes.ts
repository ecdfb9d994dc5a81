import { createHash, randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * Who writes, in a form that fits a file name and that other processes can look up: what a killed
 * process leaves behind carries its name, and is known to be nobody's.
 */
export interface Processes {
  /** Letters, digits and dots. */
  readonly self: string;
  /** `unknown` when the process is, or may be, on another machine or in another container. */
  state(process: string): Promise<'alive' | 'dead' | 'unknown'>;
}

/** A name that is used once, and tells whose it is. */
export function newTicket(processes: Processes): string {
  return `${processes.self}-${randomUUID()}`;
}

export function ownerOfTicket(ticket: string): string {
  return ticket.split('-', 1).join();
}

export async function thisProcess(): Promise<Processes> {
  const machine = await machineName();
  const { pid } = process;
  return {
    self: [machine, pid, (await startOf(pid)) ?? 'unknown'].join('.'),
    async state(name) {
      const [itsMachine, itsPid, itsStart] = name.split('.');
      if (itsMachine !== machine) return 'unknown';
      if (!exists(Number(itsPid))) return 'dead';
      const start = await startOf(Number(itsPid));
      // A system without /proc does not tell whether the number went to another process meanwhile.
      if (start === undefined) return Number(itsPid) === pid ? 'alive' : 'unknown';
      return start === itsStart ? 'alive' : 'dead';
    },
  };
}

/** Process numbers mean the same where this is the same: one boot of one machine, one container. */
async function machineName(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(absent);
  const namespace = await readlink('/proc/self/ns/pid').catch(absent);
  const identity = JSON.stringify([hostname(), boot, namespace]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
}

function exists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process was started, in clock ticks since boot: field 22, after the name in brackets. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function absent(): undefined {
  return undefined;
}
