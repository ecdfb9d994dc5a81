import * as fs from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import { thisProcess, type Processes } from '@teleport-plugins/folder-lock';

/** What a layout uses of the machine, so that tests can fail, kill and hold up every step of it. */
export interface Surroundings {
  readonly fs: FileSystem;
  readonly processes: Processes;
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The part of `node:fs/promises` that is used. */
interface FileSystem {
  mkdir(path: string): Promise<unknown>;
  open(path: string, flags: 'r' | 'wx'): Promise<OpenFile>;
  readdir(path: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  rm(
    path: string,
    options: { readonly recursive: boolean; readonly force: boolean },
  ): Promise<void>;
  rmdir(path: string): Promise<void>;
  stat(path: string): Promise<FileStatus>;
  unlink(path: string): Promise<void>;
}

interface FileStatus {
  isFile(): boolean;
  isDirectory(): boolean;
  readonly size: number;
  readonly mtimeMs: number;
}

interface OpenFile {
  read(buffer: Buffer): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }>;
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
