import { writeFileSync } from 'node:fs';

/**
 * Keeps memory out of the core dumps of this process and of those that it starts: a dump is a file, and
 * would hold the secrets. Only Linux has such a filter; elsewhere none are written unless somebody asks.
 *
 * https://man7.org/linux/man-pages/man5/core.5.html
 */
export function emptyCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not Linux, or a process that may not say it of itself.
  }
}
