import type { Secret } from '@teleport-plugins/secrets';
import { redactor } from '@teleport-plugins/secrets/redaction';

import { startCommand, type Ending } from './child/command.js';
import { commandEnvironment } from './child/environment.js';
import { endGroup } from './child/group.js';
import { commandInput } from './child/terminal.js';
import type { Host } from './host.js';
import { plainOutput, type CommandOutput } from './output/command-output.js';
import { maskedOutput } from './output/masked-output.js';
import { forwardSignals, type Forwarding } from './signals/forward.js';
import { startWatchdog } from './watchdog/watchdog.js';
import { withoutSecrets } from './without-secrets.js';

/** A command that is to get secrets. */
export interface Run {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Names of those that are none: buckets and the like. */
  readonly shown: ReadonlySet<string>;
  readonly isMasked: boolean;
  /** Whether our standard input was the secrets. */
  readonly inputIsSpent: boolean;
}

/** In seconds, between asking what the command leaves behind to end, and killing it. */
const grace = 5;

/**
 * Runs a command with secrets in its environment, to its end and that of all that it has started in its
 * process group.
 *
 * @throws WithSecretsError when it cannot be started
 */
export async function runCommand(run: Run, host: Host): Promise<Ending> {
  // First of all: from here on there is something that would be left behind.
  using signals = forwardSignals();
  const output = run.isMasked ? await outputMaskedFor(run, host) : plainOutput;
  try {
    const ending = await runGroup(run, { output, signals, host });
    // Nobody is left to get them, and nothing that they would leave behind.
    signals[Symbol.dispose]();
    if (!(await output.finish())) {
      host.warn(
        'a process that has left the process group of the command still has its output open',
      );
    }
    return ending;
  } finally {
    output.close();
  }
}

async function runGroup(
  { command, secrets, inputIsSpent }: Run,
  { output, signals, host }: { output: CommandOutput; signals: Forwarding; host: Host },
): Promise<Ending> {
  using watchdog = await startWatchdog({ folder: output.folder, grace });
  const running = await startCommand(command, {
    env: commandEnvironment(host.env, output.variables, secrets),
    input: commandInput({ carriedSecrets: inputIsSpent }),
    output: output.files,
    shown: (word) => withoutSecrets(word, secrets),
    onStart(started) {
      signals.to(started);
      watchdog.watch(started);
    },
  });
  try {
    output.started();
    return await running.ended;
  } finally {
    await endGroup(running.id, { grace: grace * 1000 });
    output.close();
  }
}

function outputMaskedFor({ secrets, shown }: Run, host: Host): Promise<CommandOutput> {
  const mask = redactor();
  const tell = (): void => {
    const hidden = [...secrets].filter(([name]) => !shown.has(name));
    const short = hidden.filter(([, secret]) => !mask.add(secret)).map(([name]) => name);
    if (short.length === 0) return;
    host.warn(`too short to be masked: ${short.join(', ')}; --show says that you know`);
  };
  return maskedOutput(mask, tell, host);
}
