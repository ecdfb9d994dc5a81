import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { findPeer } from '@teleport-plugins/testing';

/** A PATH on which programs are found that note what they are started with, and then do their work. */
export interface RecordingPath {
  readonly PATH: string;
  /** The arguments of all programs that were started so far. */
  started(): Promise<string>;
}

/** `folder` is new. A program that this machine does not have is left out. */
export async function recordingPath(
  folder: string,
  programs: readonly string[],
): Promise<RecordingPath> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, 'started.log');
  await writeFile(log, '');
  for (const program of programs) {
    const found = findPeer({ program, install: '' });
    if (found === undefined) continue;
    const script = `#!/bin/sh\nprintf '%s\\n' ${program} "$@" >> '${log}'\nexec '${found}' "$@"\n`;
    await writeFile(join(folder, program), script);
    await chmod(join(folder, program), 0o755);
  }
  return {
    PATH: [folder, process.env.PATH].join(delimiter),
    started: () => readFile(log, 'utf8'),
  };
}
