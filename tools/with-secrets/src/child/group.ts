import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Sends a signal to all processes of a group. `false` when there is none that it could reach. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  return send(-group, signal);
}

/** Sends a signal to a process. `false` when it has ended. */
export function signalProcess(id: number, signal: NodeJS.Signals): boolean {
  return send(id, signal);
}

/**
 * Ends what is left of a process group: asks, and after `grace` milliseconds kills. Once this resolves
 * nothing of the group runs any longer, other than what belongs to another user.
 */
export async function endGroup(
  group: number,
  { grace }: { readonly grace: number },
): Promise<void> {
  if (!signalGroup(group, 'SIGTERM')) return;
  // What is stopped would not hear.
  signalGroup(group, 'SIGCONT');
  if (await ends(group, grace)) return;
  signalGroup(group, 'SIGKILL');
  await ends(group, killTime);
}

/** In milliseconds: how long the system may take to end what it was told to. */
const killTime = 2000;
const interval = 10;

async function ends(group: number, time: number): Promise<boolean> {
  const end = performance.now() + time;
  while (isAlive(group)) {
    if (performance.now() > end) return false;
    await delay(interval);
  }
  return true;
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  return livingMembers(group) !== 0;
}

/**
 * A container's first process may collect nobody: there, what has ended stays in its group for ever.
 * `undefined` where the system has no `/proc`.
 */
function livingMembers(group: number): number | undefined {
  try {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return processes.filter((id) => {
      const { state, group: its } = statusOf(id);
      return its === group && state !== 'Z' && state !== 'X';
    }).length;
  } catch {
    return undefined;
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; a name may hold spaces and brackets. */
function statusOf(id: string): { readonly state?: string | undefined; readonly group: number } {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'latin1');
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch {
    // It has ended meanwhile.
    return { group: 0 };
  }
}

function send(to: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(to, signal);
  } catch {
    return false;
  }
}
