import {
  optional,
  optionalFile,
  optionalPath,
  optionalSecret,
  withDefault,
} from './config/fields.js';
import { type Settings, table, tableOf } from './config/read.js';
import { duration, httpUrl, integer, listenAddress, oneOf, oneOrMore } from './config/types.js';
import type { RecipientType } from './plugin.js';
import { anyRole } from './recipients.js';
import { severities } from './log.js';

/** The tables of the configuration file that every plugin has. */
export function commonTables(recipient: RecipientType) {
  return {
    server: table(
      {
        // All addresses: in a container, 127.0.0.1 is out of reach for everybody else.
        listen: withDefault(listenAddress, { host: '0.0.0.0', port: 8080 }),
        token: optionalSecret(),
        tlsCertFile: optionalFile(),
        tlsKeyFile: optionalFile(),
        tlsClientCaFile: optionalFile(),
        // The size of Fluentd's chunks: it drops what is answered with 413.
        maxBodyBytes: withDefault(integer(1024, 64 * 1024 * 1024), 8 * 1024 * 1024),
      },
      ({ tlsCertFile, tlsKeyFile, tlsClientCaFile }, report) => {
        if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
          report(undefined, 'tls_cert_file and tls_key_file belong together: set both or none');
        } else if (tlsClientCaFile !== undefined && tlsCertFile === undefined) {
          report('tls_client_ca_file', 'needs tls_cert_file and tls_key_file as well');
        }
      },
    ),
    teleport: table({ url: optional(httpUrl) }),
    roleToRecipients: tableOf(oneOrMore(recipient), (recipients, report) => {
      if (!recipients.has(anyRole)) {
        report(
          undefined,
          `"*" is missing: the recipients of requests for roles that are not listed`,
        );
      }
    }),
    queue: table({
      capacity: withDefault(integer(1, 1_000_000), 10_000),
      concurrency: withDefault(integer(1, 100), 4),
      giveUpAfter: withDefault(duration, 12 * 3_600_000),
      shutdownGrace: withDefault(duration, 8_000),
      stateDirectory: optionalPath(),
    }),
    log: table({ severity: withDefault(oneOf(...severities), 'info') }),
  };
}

export type CommonSettings = Settings<ReturnType<typeof commonTables>>;
