import { openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** What a command's standard input can be: that of with-secrets, nothing, or an open file. */
export type CommandInput = 'inherit' | 'ignore' | number;

/**
 * The standard input of the command. Where the secrets came on ours, it is the terminal, if there is one:
 * a command that asks something is still answered.
 *
 * A job in the background gets no terminal: the command has a session of its own, so that nothing would stop it
 * from taking what is typed for others.
 */
export function commandInput({
  carriedSecrets,
}: {
  readonly carriedSecrets: boolean;
}): CommandInput {
  if (!carriedSecrets) return isatty(0) && isInBackground() ? 'ignore' : 'inherit';
  if (isInBackground()) return 'ignore';
  try {
    return openSync('/dev/tty', 'r');
  } catch {
    return 'ignore';
  }
}

/** Only Linux tells. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function isInBackground(): boolean {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , , foreground] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return foreground !== '-1' && foreground !== group;
  } catch {
    return false;
  }
}
