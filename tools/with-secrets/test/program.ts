import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

/** As `npx` finds it. */
export const program = join(import.meta.dirname, '../bin/with-secrets.cjs');

/** A decrypted document in Drone's shape: a string of JSON is one of YAML. */
export function documentOf(secrets: Readonly<Record<string, string>>): string {
  const entries = Object.entries(secrets).map(
    ([name, value]) => `  ${name}:\n    value: ${JSON.stringify(value)}\n`,
  );
  return `secrets:\n${entries.join('')}`;
}

/** Nothing of the process that runs the tests. */
export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', ...more };
}

/** How a process ended, and what it wrote. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Written to its standard input, which then ends; a document of no interest if there is none. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `with-secrets` to its end. */
export async function run(args: readonly string[], options: StartOptions = {}): Promise<Outcome> {
  const child = begin(args, options);
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { exitCode, signal, stdout, stderr };
}

/** Starts `with-secrets`, to be talked to. It is killed when the test ends before it. */
export function start(args: readonly string[], options: StartOptions = {}) {
  const child = begin(args, options);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    id: child.pid ?? 0,
    process: child,
    /** Its next line. */
    line: async (): Promise<string | undefined> => {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    /** What is left of its output. */
    rest: async (): Promise<readonly string[]> => {
      const rest: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
        rest.push(next.value);
      }
      return rest;
    },
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    /** Its exit code, or the signal that it died of. */
    ending: async () => {
      const [exitCode, signal] = await ended;
      return signal ?? exitCode;
    },
  };
}

function begin(
  args: readonly string[],
  { input = documentOf({ TOKEN: 'of no interest' }), env = environment() }: StartOptions,
) {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'pipe' });
  // With --sops the standard input is the command's, and stays open.
  if (!args.includes('--sops')) child.stdin.on('error', () => undefined).end(input);
  return child;
}

/** Runs a line of shell; nothing else may fail to be found. */
export function shell(line: string): readonly string[] {
  return ['--', 'sh', '-c', line];
}

/** Runs a program for Node. */
export function node(source: string): readonly string[] {
  return ['--', process.execPath, '-e', source];
}

/** `R`, `S`, `T` and so on of a process; `undefined` once it runs no longer. */
export function stateOf(id: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
    // It has ended, and nobody has asked how.
    return state === 'Z' || state === 'X' ? undefined : state;
  } catch {
    return undefined;
  }
}
