// A process with mail servers: one in the clear, one with STARTTLS and a login, one with TLS and a
// login. What a server does to a mail follows from its addresses. Mails go to the parent over IPC.
import { testAuthority } from '@teleport-plugins/plugin-kit/testing';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

import type { MailMessage, ReadyMessage, ServerName } from './mail-servers.js';

const seen = new Set<string>();

/** Replies by local part; those of `greylisted…` only the first time. */
function refusalOf(address: string): Error | undefined {
  const [local = ''] = address.split('@');
  if (local.startsWith('unknown')) return reply(550, '5.1.1 User unknown');
  if (local.startsWith('full')) return reply(452, '4.2.2 Mailbox full');
  if (!local.startsWith('greylisted') || seen.has(address)) return undefined;
  seen.add(address);
  return reply(451, '4.7.1 Greylisted, come back');
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function serverOf(name: ServerName, options: SMTPServerOptions): SMTPServer {
  return new SMTPServer({
    ...options,
    onAuth: ({ username, password }, _session, done) => {
      const right = username === 'teleport' && password === 'correct horse';
      done(right ? null : reply(535, '5.7.8 Wrong login'), { user: username });
    },
    onMailFrom: ({ address }, _session, done) => {
      done(address.startsWith('banned') ? reply(550, '5.7.1 Sender refused') : null);
    },
    onRcptTo: ({ address }, _session, done) => done(refusalOf(address)),
    onData: (stream, { envelope, secure, user: login }, done) => {
      const user = typeof login === 'string' ? login : undefined;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        if (to.some((address) => address.startsWith('hanging'))) return;
        if (to.some((address) => address.startsWith('picky')))
          return done(reply(554, '5.7.1 Looks like spam'));
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const raw = Buffer.concat(chunks).toString('latin1');
        const mail: MailMessage = { kind: 'mail', server: name, from, to, raw, secure, user };
        process.send?.(mail);
        return done();
      });
    },
  });
}

async function listen(server: SMTPServer): Promise<number> {
  return new Promise((resolve) => {
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function main(): Promise<void> {
  const { ca, server } = await testAuthority();
  const tls = { cert: server.cert, key: server.private };
  const options: Readonly<Record<ServerName, SMTPServerOptions>> = {
    plain: { authOptional: true, hideSTARTTLS: true, disabledCommands: ['AUTH', 'STARTTLS'] },
    starttls: { ...tls },
    tls: { ...tls, secure: true },
  };
  const names = Object.keys(options) as ServerName[];
  const ports = await Promise.all(names.map((name) => listen(serverOf(name, options[name]))));
  const ready: ReadyMessage = {
    kind: 'ready',
    ca: ca.cert,
    ports: Object.fromEntries(
      names.map((name, index) => [name, ports[index]]),
    ) as ReadyMessage['ports'],
  };
  process.send?.(ready);
}

// The parent is gone.
process.on('disconnect', () => process.exit());
void main();
