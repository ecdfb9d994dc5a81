import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

export const user = { name: 'ann', password: 'opensesame' };

/** As `htpasswd -nbB` writes the password; docker-registry takes no other kind. */
const bcrypt = '$2b$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi';

/** Starts Debian's docker-registry, which asks for a password, on a free port until the test ends. */
export async function startPasswordRegistry(program: string): Promise<string> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'htpasswd');
  await writeFile(path, `${user.name}:${bcrypt}\n`);
  const config = join(directory, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(directory, 'data') } },
      http: { addr: '127.0.0.1:0' },
      auth: { htpasswd: { realm: 'test', path } },
    }),
  );
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  for await (const line of createInterface(child.stderr)) {
    const [, host] = /listening on (127\.0\.0\.1:[0-9]+)/.exec(line) ?? [];
    if (host === undefined) continue;
    child.stderr.resume();
    return host;
  }
  throw new Error(`${program} ended before it listened`);
}
