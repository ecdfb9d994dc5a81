import { messageOf, oneLine, PluginError } from '@teleport-plugins/plugin-kit';
import type { Secret } from '@teleport-plugins/secrets';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';

/** How the connection is secured: TLS from the start, STARTTLS (needed, or if offered), or not. */
export const securities = ['starttls', 'tls', 'opportunistic', 'none'] as const;
export type Security = (typeof securities)[number];

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly login: { readonly username: string; readonly password: Secret } | undefined;
  /** Certificates to trust instead of the well-known ones, as PEM. */
  readonly ca: string | undefined;
  readonly connections: number;
}

/** A mail server that takes mail from us. */
export interface SmtpServer {
  /** @throws PluginError delivery-refused when the server does not want this mail, else delivery-failed */
  send(mail: SendMailOptions, signal: AbortSignal): Promise<void>;
  /** Connects and logs in. @throws PluginError delivery-failed */
  check(): Promise<void>;
  close(): void;
}

/** Milliseconds. A server may take its time for a mail, but not for saying hello. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

export function openSmtp(options: SmtpOptions): SmtpServer {
  const { host, port, security, login, ca } = options;
  const transport = createTransport({
    ...timeouts,
    ...{ host, port, pool: true, maxConnections: options.connections },
    // Whatever fails is repeated by the queue, which knows when and how often.
    maxRequeues: 0,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(login === undefined
      ? {}
      : { auth: { user: login.username, pass: login.password.reveal() } }),
  });
  const place = `${host}:${port}`;
  return {
    async send(mail, signal) {
      try {
        await transport.sendMail({ ...mail, signal });
      } catch (error) {
        throw deliveryError(error as NodemailerError, place);
      }
    },
    async check() {
      try {
        await transport.verify();
      } catch (error) {
        throw deliveryError(error as NodemailerError, place);
      }
    },
    close: () => transport.close(),
  };
}

/**
 * A 5xx to a recipient or to the mail itself will be the same the next time. Before that it is
 * about us (login, sender, address), which somebody can put right: the mail waits for it.
 */
function deliveryError(error: NodemailerError, place: string): PluginError {
  const aboutMail = error.command === 'RCPT TO' || error.command === 'DATA';
  const refused = error.permanent === true && aboutMail;
  const message = `${place}: ${oneLine(messageOf(error), 300)}`;
  return new PluginError(refused ? 'delivery-refused' : 'delivery-failed', message, {
    cause: error,
  });
}
