import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

import { WithSecretsError } from '../error.js';
import type { CommandInput } from './terminal.js';

/** How a process ended. */
export type Ending = { readonly exitCode: number } | { readonly signal: NodeJS.Signals };

/** A command that runs, as the first process of a group and a session of its own. */
export interface RunningCommand {
  /** Of the process, and of its group. */
  readonly id: number;
  /** Of the process; others of its group may still run. */
  readonly ended: Promise<Ending>;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly input: CommandInput;
  /** Where it writes: open files, or where with-secrets writes. */
  readonly output: readonly [stdout: number | 'inherit', stderr: number | 'inherit'];
  /** How a word of the command is printed. */
  readonly shown: (word: string) => string;
  /** Called as soon as the process is there, before anything else can happen here. */
  readonly onStart: (id: number) => void;
}

/**
 * Starts a command, without a shell.
 *
 * @throws WithSecretsError `command-not-found`, `command-not-executable`
 */
export async function startCommand(
  [program = '', ...args]: readonly string[],
  { env, input, output, shown, onStart }: CommandOptions,
): Promise<RunningCommand> {
  try {
    const command = spawn(program, args, {
      env,
      stdio: [input, ...output],
      detached: true,
    });
    const { pid: id } = command;
    if (id !== undefined) onStart(id);
    // Listened to before anything is waited for: a command may end at once.
    const ended = endingOf(command);
    await once(command, 'spawn');
    if (id === undefined) throw new Error('it has no number');
    return { id, ended };
  } catch (cause) {
    throw notStarted(program, shown(program), cause);
  }
}

function endingOf(command: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    command.once('exit', (exitCode, signal) => {
      resolve(signal === null ? { exitCode: exitCode ?? 0 } : { signal });
    });
  });
}

function notStarted(program: string, shown: string, cause: unknown): WithSecretsError {
  const { code } = cause as NodeJS.ErrnoException;
  const name = JSON.stringify(shown);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new WithSecretsError('command-not-found', `${name}: ${absence(program)}`, { cause });
  }
  const why =
    code === 'E2BIG'
      ? 'its arguments and its environment are more than the system takes; hand on fewer secrets with --only'
      : `it cannot be run (${code ?? String(cause)}); see whether it is a program, and executable`;
  return new WithSecretsError('command-not-executable', `${name}: ${why}`, { cause });
}

function absence(program: string): string {
  const isPath = program.includes('/');
  if (isPath && existsSync(program))
    return 'the interpreter that its first line names is not there';
  const absent = isPath ? 'there is no such file' : 'there is no such command on the PATH';
  const mistake = mistakes.find(([pattern]) => pattern.test(program))?.[1];
  return mistake === undefined ? absent : `${absent}; ${mistake}`;
}

/** What a command line looks like that means something else. */
const mistakes = [
  [/^\w+=/, 'variables stand before with-secrets, or behind `env`'],
  [/\s/, 'each word of a command is a word of its own: leave out the quotes around them'],
  [/^[A-Z][A-Z\d_]+$/, 'names of secrets are given in one word, such as --only A,B'],
] as const;
