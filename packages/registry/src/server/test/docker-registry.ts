import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A registry that runs for a suite. */
export interface RunningRegistry {
  readonly host: string;
  stop(): Promise<void>;
}

/**
 * Starts Debian's docker-registry over an empty folder, on a free port, with deletion; `settings` are
 * further ones of its configuration.
 */
export async function startDockerRegistry(
  program: string,
  directory: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<RunningRegistry> {
  const config = join(directory, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'info', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: join(directory, 'data') },
        delete: { enabled: true },
      },
      http: { addr: '127.0.0.1:0' },
      ...settings,
    }),
  );
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface(child.stderr)) {
    const [, host] = /listening on (127\.0\.0\.1:[0-9]+)/.exec(line) ?? [];
    if (host === undefined) continue;
    child.stderr.resume();
    return {
      host,
      async stop() {
        child.kill();
        await exited;
      },
    };
  }
  throw new Error(`${program} ended before it listened`);
}
