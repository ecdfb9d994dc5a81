import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WithSecretsError } from './error.js';

/** A folder that only this user can look into, for a socket and, for a moment, for pipes. No secret is ever in it. */
export interface PrivateFolder {
  readonly path: string;
  remove(): void;
}

/** The longest path that leaves room for the socket's: some systems take 103 characters. */
const longest = 70;

/** Throws WithSecretsError `folder-failed`. */
export function privateFolder(): PrivateFolder {
  const parent = tmpdir().length > longest ? '/tmp' : tmpdir();
  try {
    const path = mkdtempSync(join(parent, 'with-secrets-'));
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new WithSecretsError(
      'folder-failed',
      `${parent}: cannot make a folder there (${why}); name one with TMPDIR, or do without masks by --no-mask`,
      { cause },
    );
  }
}
