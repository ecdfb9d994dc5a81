import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { PluginError } from './error.js';
import type { LedgerEntry } from './ledger.js';

/** The first line of a journal. */
export const journalHeader = 'teleport-plugin-journal 1\n';

/**
 * The entries of a journal, none when there is no file. What a crash left at its end is dropped.
 *
 * @throws PluginError state-unusable when it is damaged elsewhere; the error of the file system
 */
export async function readEntries(path: string): Promise<readonly LedgerEntry[]> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return journalHeader;
    throw error;
  });
  if (!content.startsWith(journalHeader)) {
    throw new PluginError(
      'state-unusable',
      `${path} is not a journal of this plugin: move it away, or name another folder`,
    );
  }
  // What follows the last line end is nothing, or an append that was cut off.
  const lines = content.slice(journalHeader.length).split('\n').slice(0, -1);
  const entries = lines.map(parseEntry);
  const torn = entries.indexOf(undefined);
  const whole = entries.filter((entry) => entry !== undefined);
  if (torn !== -1 && whole.length > torn) {
    throw new PluginError(
      'state-unusable',
      `${path}:${torn + 2} is damaged, and lines after it are not: move the file away to start without what it holds`,
    );
  }
  return whole;
}

/** Entries as lines of a journal. */
export function formatEntries(entries: readonly LedgerEntry[]): string {
  return entries
    .map((entry) => JSON.stringify(entry))
    .map((json) => `${checksum(json)} ${json}\n`)
    .join('');
}

function parseEntry(line: string): LedgerEntry | undefined {
  const json = line.slice(9);
  return line.slice(0, 9) === `${checksum(json)} ` ? (JSON.parse(json) as LedgerEntry) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
