import { parseDroneSecrets, selectVariables } from '@teleport-plugins/secrets/environment';

import { parseRequest, type Source } from './arguments/request.js';
import { usage } from './arguments/usage.js';
import type { Ending } from './child/command.js';
import { describeRun } from './describe.js';
import type { Host } from './host.js';
import { decryptWithSops } from './input/sops.js';
import { readStandardInput } from './input/standard-input.js';
import { runCommand } from './run.js';
import { shownNames } from './shown.js';

/**
 * Carries out a command line: everything that can be wrong with the secrets is found before anything is run.
 *
 * @returns how to end: as the command did, or with success where none was to be run
 * @throws WithSecretsError and SecretsError, which name secrets and quote none
 */
export async function withSecrets(args: readonly string[], host: Host): Promise<Ending> {
  const request = parseRequest(args);
  if (request.kind === 'help') return print(usage, host);

  const document = await parseDroneSecrets(read(request.source, host));
  if (request.kind === 'list') {
    const names = [...selectVariables(document, request.selection, {}).keys()];
    return print(request.isJson ? JSON.stringify(names) : names.join('\n'), host);
  }
  const secrets = selectVariables(document, request.selection, host.env);
  const shown = shownNames(request.shown, [...secrets.keys()]);
  const run = {
    ...request,
    secrets,
    shown,
    inputIsSpent: request.source.kind === 'standard-input',
  };
  if (request.kind === 'run') return runCommand(run, host);
  const kept = [...secrets.keys()].filter((name) => secrets.get(name) !== document.get(name));
  return print(describeRun(run, new Set(kept)), host);
}

function read(source: Source, host: Host): Promise<Uint8Array> {
  switch (source.kind) {
    case 'standard-input':
      return readStandardInput(host.stdin());
    case 'sops':
      return decryptWithSops(source.file);
  }
}

async function print(text: string, { stdout }: Host): Promise<Ending> {
  await new Promise<void>((resolve) => {
    stdout.write(`${text}\n`, () => resolve());
  });
  return { exitCode: 0 };
}
