import { setImmediate as nextTurn } from 'node:timers/promises';

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
 * @param tell tells the redactor the secrets, once the command has been started. What it has to learn of them takes its
 *   time, in which the command starts; whatever comes earlier waits for the rest of it
 * @throws WithSecretsError `folder-failed`
 */
export async function maskedOutput(
  redactor: Redactor,
  tell: () => void,
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
    const over = new AbortController();
    return {
      files: [stdout.input, stderr.input],
      variables: { ...terminalVariables(host), [socketVariable]: announcements.path },
      folder: folder.path,
      started() {
        inputs.close();
        tell();
        void learnInTurns(redactor, over.signal);
        copies = [
          maskedCopy(stdout.output, redactor.stream(), { to: host.stdout, warn: host.warn }),
          maskedCopy(stderr.output, redactor.stream(), { to: host.stderr, warn: host.warn }),
        ];
      },
      async finish() {
        over.abort();
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

/** What the command does in between is heard of after each turn. */
async function learnInTurns(redactor: Redactor, over: AbortSignal): Promise<void> {
  while (!over.aborted && redactor.learn()) await nextTurn();
}
