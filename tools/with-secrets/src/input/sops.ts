import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { WithSecretsError } from '../error.js';
import { readAll } from './read-all.js';

/**
 * What `sops -d` decrypts. It asks and complains on the terminal by itself; unless it succeeds there is nothing,
 * however much it has written.
 *
 * @throws WithSecretsError `sops-failed`
 */
export async function decryptWithSops(file: string): Promise<Uint8Array> {
  // A name that begins like an option would be taken for one.
  const path = file.startsWith('-') ? `./${file}` : file;
  const sops = spawn('sops', ['-d', path], { stdio: ['inherit', 'pipe', 'inherit'] });
  const ended = once(sops, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [document, [code, signal]] = await Promise.all([
    readAll(sops.stdout, `the output of \`sops -d ${path}\``),
    ended,
  ]).catch((error: unknown) => {
    sops.kill();
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : notStarted(error);
  });
  if (code === 0 && document.byteLength > 0) return document;
  const how = code === 0 ? 'wrote nothing' : `failed (${signal ?? `exit code ${String(code)}`})`;
  throw new WithSecretsError(
    'sops-failed',
    `${path}: \`sops -d\` ${how}, so nothing is run; see what it says above`,
  );
}

function notStarted(cause: unknown): WithSecretsError {
  const { code } = cause as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'sops is not on the PATH' : `sops cannot be run (${code})`;
  return new WithSecretsError(
    'sops-failed',
    `${what}; install it (https://github.com/getsops/sops), or pipe the decrypted document into with-secrets`,
    { cause },
  );
}
