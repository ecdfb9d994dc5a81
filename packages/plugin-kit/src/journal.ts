import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf, PluginError } from './error.js';
import { formatEntries, journalHeader, readEntries } from './journal-format.js';
import type { Ledger, LedgerEntry } from './ledger.js';

/** Writes a ledger's changes ahead. */
export interface Journal {
  /**
   * Keeps entries in the order of the calls, and then applies them to the ledger. With `durable`
   * they are on the disk by then; without, they survive the process but perhaps not the machine.
   *
   * @throws PluginError state-unusable; nothing of these entries is kept or applied then
   */
  append(entries: readonly LedgerEntry[], options: { readonly durable: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing on disk: what a process accepted ends with it. */
export function memoryJournal(ledger: Ledger): Journal {
  return {
    append: (entries) => {
      for (const entry of entries) ledger.apply(entry);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A journal in one file of a folder, which is made when it is missing: a header, then one entry per
 * line behind the CRC-32 of its JSON. An end that was torn by a crash was never acknowledged and is
 * dropped. The file is written anew, by rename, at the start and when it has grown by a lot.
 *
 * @param ledger receives the entries of earlier processes before this resolves
 * @param options.compactAfter bytes below which the file is not written anew
 * @param options.openFile opens a file for writing; tests make it fail
 * @throws PluginError state-unusable when the folder cannot be used or the file is damaged
 */
export async function openJournal(
  directory: string,
  ledger: Ledger,
  options: { readonly compactAfter?: number; readonly openFile?: typeof open } = {},
): Promise<Journal> {
  const path = join(directory, 'journal');
  const { compactAfter = 4 * 1024 * 1024, openFile = open } = options;
  const renew = (): Promise<JournalFile> => rewrite(directory, path, ledger.snapshot(), openFile);
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof PluginError) throw error;
      throw new PluginError('state-unusable', `${path}: ${messageOf(error)}`, { cause: error });
    });

  await guarded(mkdir(directory, { recursive: true, mode: 0o700 }));
  for (const entry of await guarded(readEntries(path))) ledger.apply(entry);
  let file = await guarded(renew());
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(() => guarded(work()));
    tail = result.catch(() => undefined);
    return result;
  };

  const compact = async (): Promise<void> => {
    const next = await renew();
    await file.handle.close();
    file = next;
  };

  return {
    append: (entries, { durable }) =>
      inTurn(async () => {
        if (file.size > Math.max(compactAfter, 2 * file.compactedSize)) await compact();
        await write(file, path, formatEntries(entries), durable);
        for (const entry of entries) ledger.apply(entry);
      }),
    close: () => inTurn(() => file.handle.close()),
  };
}

interface JournalFile {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly compactedSize: number;
  /** Up to where the file is whole. */
  size: number;
  /** Whether it may be longer than that, after a write that failed. */
  dirty: boolean;
}

async function rewrite(
  directory: string,
  path: string,
  entries: readonly LedgerEntry[],
  openFile: typeof open,
): Promise<JournalFile> {
  const bytes = Buffer.from(journalHeader + formatEntries(entries));
  const handle = await openFile(`${path}.new`, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await rename(`${path}.new`, path);
    await syncDirectory(directory);
    const { ino: inode } = await handle.stat();
    return { handle, inode, compactedSize: bytes.length, size: bytes.length, dirty: false };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function write(
  file: JournalFile,
  path: string,
  text: string,
  durable: boolean,
): Promise<void> {
  const bytes = Buffer.from(text);
  try {
    if (file.dirty) await trim(file);
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await file.handle.write(
        bytes,
        written,
        bytes.length - written,
        file.size + written,
      );
      written += bytesWritten;
    }
    if (durable) {
      await file.handle.datasync();
      await checkOwner(file, path);
    }
    file.size += bytes.length;
  } catch (error) {
    // What was written of it must not be read again. If this fails too, the next write begins with it.
    file.dirty = true;
    await trim(file).catch(() => undefined);
    throw error;
  }
}

async function trim(file: JournalFile): Promise<void> {
  await file.handle.truncate(file.size);
  file.dirty = false;
}

/** Two processes on one folder would each lose what the other accepted: the one that came first notices. */
async function checkOwner(file: JournalFile, path: string): Promise<void> {
  const { ino } = await stat(path);
  if (ino !== file.inode) {
    throw new PluginError(
      'state-unusable',
      `${path} was replaced by another process: give each process a folder of its own`,
    );
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
