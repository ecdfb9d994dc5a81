import * as fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import { thisProcess, type Processes } from '@teleport-plugins/folder-lock';

/** What the store uses of the machine, so that tests can fail, kill and hold up every step of it. */
export interface Surroundings {
  readonly fs: FileSystem;
  readonly processes: Processes;
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The part of `node:fs/promises` that is used. */
interface FileSystem {
  link(from: string, to: string): Promise<void>;
  lstat(path: string, options: { readonly bigint: true }): Promise<FileStatus>;
  mkdir(path: string): Promise<unknown>;
  /** `flags`: as text, or the numbers of `node:fs` constants. */
  open(path: string, flags: 'r' | 'wx' | number): Promise<OpenFile>;
  readdir(path: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  rm(
    path: string,
    options: { readonly recursive: boolean; readonly force: boolean },
  ): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface FileStatus {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  readonly size: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
}

export interface OpenFile {
  /** From a position, or on from the last read. */
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ readonly bytesRead: number }>;
  stat(options: { readonly bigint: true }): Promise<FileStatus>;
  /** Appends all bytes. */
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export async function realSurroundings(): Promise<Surroundings> {
  return {
    fs,
    processes: await thisProcess(),
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal && { signal }),
  };
}
