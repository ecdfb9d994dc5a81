import { signalGroup, signalProcess } from '../child/group.js';

/** Signals to this process that are handed on, until this is disposed of. */
export interface Forwarding extends Disposable {
  /** Names the command, by the number of its process and group. What has come before gets to it now. */
  to(command: number): void;
}

/**
 * Hands signals on. What a terminal sends to all processes of a job goes to all of the command's group, which has
 * a session of its own and hears of no terminal; the rest goes to the command, which decides about its own children.
 */
export function forwardSignals(): Forwarding {
  let command: number | undefined;
  const waiting: ((command: number) => void)[] = [];
  const listeners = listenersFor((send, signal) => {
    if (command === undefined) waiting.push((started) => send(started, signal));
    else send(command, signal);
  });
  for (const [signal, listen] of listeners) process.on(signal, listen);
  return {
    to(started) {
      command = started;
      for (const send of waiting.splice(0)) send(started);
    },
    [Symbol.dispose]() {
      for (const [signal, listen] of listeners) process.off(signal, listen);
    },
  };
}

type Send = (to: number, signal: NodeJS.Signals) => boolean;

function listenersFor(
  forward: (send: Send, signal: NodeJS.Signals) => void,
): readonly (readonly [NodeJS.Signals, () => void])[] {
  return [
    ...fromTerminal.map((signal) => [signal, () => forward(signalGroup, signal)] as const),
    ...fromProcesses.map((signal) => [signal, () => forward(signalProcess, signal)] as const),
    [
      'SIGTSTP',
      () => {
        // A group that no shell of its session looks after takes no other stop signal.
        forward(signalGroup, 'SIGSTOP');
        process.kill(process.pid, 'SIGSTOP');
      },
    ],
  ];
}

const fromTerminal = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH', 'SIGCONT'] as const;
const fromProcesses = ['SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
