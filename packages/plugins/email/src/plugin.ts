import {
  integer,
  oneOf,
  optional,
  optionalFile,
  optionalSecret,
  type Plugin,
  required,
  table,
  text,
  withDefault,
} from '@teleport-plugins/plugin-kit';

import { mailAddress, namedAddress } from './address.js';
import { composeMail } from './mail.js';
import { openSmtp, securities, type Security } from './smtp.js';

const tables = {
  smtp: table(
    {
      host: required(text),
      port: optional(integer(1, 65_535)),
      security: withDefault(oneOf(...securities), 'starttls'),
      username: optional(text),
      password: optionalSecret(),
      caFile: optionalFile(),
    },
    ({ host, username, password, security }, report) => {
      if ((username === undefined) !== (password === undefined)) {
        report('username', 'username and password_file (or password_env) belong together');
      } else if (password !== undefined && !isSafe(security) && !isLoopback(host)) {
        report(
          'security',
          `${security} could send the password in clear text: use "starttls" or "tls"`,
        );
      }
    },
  ),
  delivery: table({ sender: required(namedAddress) }),
};

/** Notifies by e-mail, over SMTP. */
export const emailPlugin: Plugin<typeof tables> = {
  name: 'teleport-plugin-email',
  summary: 'Notifies people of Teleport access requests by e-mail.',
  tables,
  recipient: mailAddress,
  connect({ smtp, delivery }, { teleportUrl, concurrency }) {
    const { host, port, security, username, password, caFile: ca } = smtp;
    const server = openSmtp({
      ...{ host, security, ca, connections: concurrency },
      port: port ?? defaultPorts[security],
      login: username === undefined || password === undefined ? undefined : { username, password },
    });
    return {
      spacing: 0,
      async notify(notification, signal) {
        await server.send(composeMail(notification, delivery.sender, teleportUrl), signal);
        // Threads need no memory: the Message-ID of the first mail follows from the request.
        return undefined;
      },
      check: () => server.check(),
      close: () => server.close(),
    };
  },
};

/** RFC 8314 and RFC 5321. */
const defaultPorts: Readonly<Record<Security, number>> = {
  starttls: 587,
  tls: 465,
  opportunistic: 25,
  none: 25,
};

function isSafe(security: Security): boolean {
  return security === 'starttls' || security === 'tls';
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host);
}
