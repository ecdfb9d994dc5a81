import type { Readable } from 'node:stream';

import { WithSecretsError } from '../error.js';
import { readAll } from './read-all.js';

/**
 * All that is piped into with-secrets.
 *
 * @throws WithSecretsError `input-missing`
 */
export async function readStandardInput(
  stdin: Readable & { readonly isTTY?: boolean },
): Promise<Uint8Array> {
  if (stdin.isTTY === true) {
    throw new WithSecretsError(
      'input-missing',
      'the standard input is the terminal; pipe `sops -d FILE` into with-secrets, or name the file with --sops FILE',
    );
  }
  const document = await readAll(stdin, 'the standard input');
  if (document.byteLength === 0) {
    throw new WithSecretsError(
      'input-missing',
      'there are no secrets on the standard input; see whether `sops -d` failed, or name the file with --sops FILE',
    );
  }
  return document;
}
