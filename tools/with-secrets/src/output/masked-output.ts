import type { Redactor } from '@teleport-plugins/secrets/redaction';

import { listenForSecrets } from '../announcements/listen.js';
import type { Host } from '../host.js';
import { privateFolder } from '../private-folder.js';
import type { CommandOutput } from './command-output.js';
import { maskedCopy, type MaskedCopy } from './masked-copy.js';
import { makePipes } from './pipe.js';
import { terminalVariables } from './terminal-variables.js';

/** Names the socket to which a command tells the secrets that it comes by. */
const socketVariable = 'WITH_SECRETS_SOCKET';

/**
 * Output that passes through here, where secrets are masked: those that the redactor knows, and those that the
 * command announces.
 *
 * @param learn tells the redactor what it has to know. That takes its time, and happens while the command starts;
 *   before it is done nothing of the output is read
 * @throws WithSecretsError `folder-failed`
 */
export async function maskedOutput(
  redactor: Redactor,
  learn: () => void,
  host: Host,
): Promise<CommandOutput> {
  const folder = privateFolder();
  const opened: { close(): void }[] = [{ close: () => folder.remove() }];
  const close = (): void => {
    for (const each of opened) each.close();
  };
  try {
    const announcements = await listenForSecrets(folder.path, redactor);
    opened.push(announcements);
    const [stdout, stderr] = await makePipes(folder.path);
    const inputs = { close: () => [stdout, stderr].forEach((pipe) => pipe.closeInput()) };
    opened.push(inputs);
    let copies: readonly MaskedCopy[] = [];
    return {
      files: [stdout.input, stderr.input],
      variables: { ...terminalVariables(host), [socketVariable]: announcements.path },
      folder: folder.path,
      started() {
        inputs.close();
        learn();
        copies = [
          maskedCopy(stdout.output, redactor.stream(), { to: host.stdout, warn: host.warn }),
          maskedCopy(stderr.output, redactor.stream(), { to: host.stderr, warn: host.warn }),
        ];
      },
      async finish() {
        const whole = await Promise.all(copies.map((copy) => copy.finish()));
        return !whole.includes(false);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
