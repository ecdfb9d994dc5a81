import { fork } from 'node:child_process';

import { bundledProgram } from '@teleport-plugins/testing';

export type ServerName = 'plain' | 'starttls' | 'tls';

export interface ReadyMessage {
  readonly kind: 'ready';
  /** Signs the servers' certificate, as PEM. */
  readonly ca: string;
  readonly ports: Readonly<Record<ServerName, number>>;
}

/** A mail as it arrived. */
export interface MailMessage {
  readonly kind: 'mail';
  readonly server: ServerName;
  readonly from: string;
  readonly to: readonly string[];
  /** One character per byte. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** Real mail servers in a process of their own. */
export interface MailServers extends ReadyMessage {
  /** The mails to an address, as soon as there are so many. */
  readonly mailsTo: (address: string, count?: number) => Promise<readonly MailMessage[]>;
  /** How many there are to an address now. */
  readonly countTo: (address: string) => number;
  readonly stop: () => void;
}

export async function startMailServers(): Promise<MailServers> {
  const child = fork(await bundledProgram(new URL('./mail-process.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const mails: MailMessage[] = [];
  const changed = new Set<() => void>();
  const ready = await new Promise<ReadyMessage>((resolve, reject) => {
    child.on('message', (message: MailMessage | ReadyMessage) => {
      if (message.kind === 'ready') return resolve(message);
      mails.push(message);
      for (const wake of changed) wake();
      return changed.clear();
    });
    child.on('exit', (code) => reject(new Error(`the mail servers ended with ${String(code)}`)));
  });
  const to = (address: string) => mails.filter((mail) => mail.to.includes(address));
  return {
    ...ready,
    async mailsTo(address, count = 1) {
      while (to(address).length < count) await new Promise<void>((resolve) => changed.add(resolve));
      return to(address);
    },
    countTo: (address) => to(address).length,
    stop: () => void child.kill(),
  };
}
