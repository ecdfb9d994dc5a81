import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

type LogLine = Readonly<Record<string, unknown>>;

/** A plugin in a process of its own, as in its image. */
export interface PluginProcess {
  readonly url: string;
  readonly post: (events: unknown) => Promise<Response>;
  /** The lines with this message so far. */
  readonly lines: (message: string) => readonly LogLine[];
  /** Resolves when so many lines with this message are written. */
  readonly logged: (message: string, count?: number) => Promise<readonly LogLine[]>;
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => void;
  readonly exit: Promise<number | null>;
  /** All that it wrote. */
  readonly output: () => string;
}

/** One file from a plugin's sources, as its release has it. @returns its path */
export async function bundlePlugin(main: string, directory: string): Promise<string> {
  const outfile = join(directory, 'main.mjs');
  await build({
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // CommonJS packages within the bundle require Node's own modules.
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
  });
  return outfile;
}

/** Starts a bundle, in a folder without any package, and waits until it listens. */
export async function spawnPlugin(
  bundle: string,
  config: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PluginProcess> {
  const child = spawn(process.execPath, [bundle, '--config', config], {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written: string[] = [];
  let changed = (): void => undefined;
  const note = (line: string): void => {
    written.push(line);
    changed();
  };
  createInterface(child.stdout).on('line', note);
  createInterface(child.stderr).on('line', note);
  const exit = once(child, 'close').then(([code]: unknown[]) => code as number | null);
  let ended = false;
  void exit.then(() => {
    ended = true;
    changed();
  });
  const lines = (message: string): readonly LogLine[] =>
    written
      .filter((line) => line.includes(`"message":${JSON.stringify(message)}`))
      .map((line) => JSON.parse(line) as LogLine);
  const logged = async (message: string, count = 1): Promise<readonly LogLine[]> => {
    while (lines(message).length < count) {
      if (ended) throw new Error(`ended before "${message}":\n${written.join('\n')}`);
      await new Promise<void>((resolve) => (changed = resolve));
    }
    return lines(message);
  };
  const [listening] = await logged('listening');
  const url = String(listening?.url);
  return {
    url,
    post: (events) =>
      fetch(`${url}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(events),
      }),
    lines,
    logged,
    kill: (signal) => void child.kill(signal),
    exit,
    output: () => written.join('\n'),
  };
}
