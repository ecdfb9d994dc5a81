import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { WithSecretsError } from '../error.js';

/** A pipe of the system. */
export interface Pipe {
  /** What is written into it. */
  readonly output: Readable;
  /** The number of the open file that a process writes to. */
  readonly input: number;
  /** Closes that here, once the process has it or never will. */
  closeInput(): void;
}

/**
 * Makes pipes. Those of `child_process` are sockets, and a command notices: it cannot open `/dev/stdout`, and a
 * reader that leaves resets the connection where a pipe would break.
 *
 * @param folder private to this user; they have names in it for a moment
 * @throws WithSecretsError `folder-failed`
 */
export async function makePipes(folder: string): Promise<readonly [stdout: Pipe, stderr: Pipe]> {
  const [stdout, stderr] = [join(folder, 'stdout'), join(folder, 'stderr')];
  try {
    await makeFifos([stdout, stderr]);
    return [open(stdout), open(stderr)];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WithSecretsError(
      'folder-failed',
      `${folder}: no pipes can be made there (${why}); name another folder with TMPDIR, or do without masks by --no-mask`,
      { cause },
    );
  }
}

/** Node has no call for it. */
async function makeFifos(paths: readonly string[]): Promise<void> {
  const mkfifo = spawn('mkfifo', ['-m', '600', ...paths], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
  });
  const [code] = (await once(mkfifo, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mkfifo failed with exit code ${String(code)}`);
}

/** First the end that is read: the other one would wait for it. */
function open(path: string): Pipe {
  const output = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const input = openSync(path, constants.O_WRONLY);
  rmSync(path);
  let isOpen = true;
  return {
    output,
    input,
    closeInput() {
      if (isOpen) closeSync(input);
      isOpen = false;
    },
  };
}
