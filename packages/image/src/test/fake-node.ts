import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a Node answers about itself. */
export interface Answer {
  readonly platform?: string;
  readonly arch?: string;
  readonly arm?: string;
  readonly sharedObjects?: readonly string[];
  readonly builtins?: readonly string[];
}

/** A small program that answers the probe as some Node would, and small files for its libraries. */
export async function fakeNode(directory: string, answer: Answer = {}): Promise<string> {
  const program = join(directory, 'node');
  const text = JSON.stringify({
    platform: 'linux',
    arch: 'x64',
    version: 'v20.0.0',
    sharedObjects: ['linux-vdso.so.1', ...(await fakeLibraries(directory))],
    builtins: ['deps/undici/undici.js'],
    ...answer,
  });
  await writeFile(program, `#!/bin/sh\necho '${text}'\n`);
  await chmod(program, 0o755);
  return program;
}

/** A loader and a library in a folder where no loader looks by itself. */
async function fakeLibraries(directory: string): Promise<readonly string[]> {
  const folder = join(directory, 'lib');
  await mkdir(folder, { recursive: true });
  const files = ['ld-linux-x86-64.so.2', 'libc.so.6', 'libnss_dns.so.2'].map((name) =>
    join(folder, name),
  );
  for (const file of files) await writeFile(file, `the bytes of ${file.slice(directory.length)}`);
  return files.slice(0, 2);
}
