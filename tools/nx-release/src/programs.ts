import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { $, ProcessOutput, type ProcessPromise, type Shell } from 'zx/core';

import { StepError } from './error.js';
import type { Host } from './host.js';

/** Runs programs in a folder: `` run`git status -- ${folders}` ``. Stopped when the step is. */
export function programsIn(folder: string, { env, signal }: Pick<Host, 'env' | 'signal'>): Shell {
  return $({
    cwd: folder,
    // Messages are read, so they have to be in the language that the code expects.
    env: { ...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
    signal,
    quiet: true,
    // What zx sets up by itself needs bash, which small images do not have.
    shell: '/bin/sh',
    prefix: '',
    postfix: '',
    quote,
  });
}

/**
 * What a program prints.
 *
 * @throws StepError `program-missing`, or `program-failed` with what it says about it: a `ProcessOutput`
 *   that reaches Nx is printed as an empty line
 */
export async function outputOf(program: ProcessPromise): Promise<string> {
  try {
    return (await program).stdout;
  } catch (error) {
    if (!(error instanceof ProcessOutput)) throw error;
    const [name = ''] = program.cmd.split(' ');
    if (error.exitCode === 127) {
      throw new StepError('program-missing', `${name} is not installed, and this step needs it`);
    }
    const said = error.stderr.trim() || error.stdout.trim() || 'it says nothing';
    const how = error.signal ?? `exit code ${String(error.exitCode)}`;
    const what = `${program.cmd} failed (${how}): ${said}`;
    throw new StepError('program-failed', what, { cause: error });
  }
}

/**
 * Streams content into a program, and returns what that prints. When both fail, what the program says is the reason, unless it just
 * did not get all of the content.
 */
export async function feed(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  program: ProcessPromise,
): Promise<string> {
  const [fed, ended] = await Promise.allSettled([
    pipeline(Readable.from(content, { objectMode: false }), program.stdin),
    outputOf(program),
  ]);
  const hasLeft = (error: unknown) => /^(?:EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/.test(codeOf(error));
  if (fed.status === 'rejected' && !hasLeft(fed.reason)) throw fed.reason;
  if (ended.status === 'rejected') throw ended.reason;
  return ended.value;
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
