import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { bundledProgram } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

/** What a writer did with one image: the statuses that its pushes were answered with. */
export interface Written {
  readonly name: string;
  readonly number: number;
  readonly own: number;
  readonly moved: number;
  readonly version: number;
}

export interface Writer {
  begin(): void;
  /** What it has written, as it goes; ends with the process. */
  readonly written: AsyncIterable<Written>;
  kill(): Promise<void>;
}

/** Starts a process that pushes images to a registry's folder, and waits until it is ready to. */
export async function startWriter(
  directory: string,
  name: string,
  images: number,
): Promise<Writer> {
  const program = await bundledProgram(new URL('writer.ts', import.meta.url));
  const child = spawn(process.execPath, [program, directory, name, String(images)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.value !== 'ready') throw new Error(`the writer ${name} did not start`);
  return { begin: () => void child.stdin.write('go\n'), written: parsedLines(lines), kill };
}

async function* parsedLines(lines: AsyncIterableIterator<string>): AsyncGenerator<Written> {
  for await (const line of lines) yield JSON.parse(line) as Written;
}
