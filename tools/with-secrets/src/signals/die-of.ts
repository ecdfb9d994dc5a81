import { constants } from 'node:os';

/**
 * Ends this process by a signal, so that whoever started it learns what its command died of.
 *
 * A listener that is removed leaves the default action behind, also where Node ignores a signal (SIGPIPE).
 */
export function dieOf(signal: NodeJS.Signals): never {
  if (signal !== 'SIGKILL' && signal !== 'SIGSTOP') {
    process.on(signal, ignore);
    process.removeAllListeners(signal);
  }
  process.kill(process.pid, signal);
  // As a shell says it, should the signal end nobody here.
  process.exit(128 + constants.signals[signal]);
}

function ignore(): void {
  // Only there to be removed.
}
