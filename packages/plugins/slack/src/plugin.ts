import {
  duration,
  httpUrl,
  type Plugin,
  type RecipientType,
  requiredSecret,
  table,
  withDefault,
} from '@teleport-plugins/plugin-kit';

import { slackNotifier } from './notifier.js';

const tables = {
  slack: table(
    {
      token: requiredSecret(),
      apiUrl: withDefault(httpUrl, new URL('https://slack.com/api/')),
      // Slack takes about one message per second and channel.
      messageInterval: withDefault(duration, 1000),
    },
    ({ token, apiUrl }, report) => {
      // An error about a header that cannot be sent would quote it.
      if (!/^[\w.-]+$/.test(token.reveal())) report(undefined, 'this is not a token of Slack');
      if (
        apiUrl.protocol === 'http:' &&
        !/^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(apiUrl.hostname)
      ) {
        report('api_url', 'http would send the token in clear text: use https');
      }
    },
  ),
};

/** Names as Slack allows them, ids, and the addresses that people have in Slack. */
const recipient: RecipientType = {
  expected: 'a channel such as "#access-requests" or "C0123456789", or a person\'s e-mail address',
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const channel = /^#?[\p{L}\p{N}_-]{1,80}$/u.test(value);
    const person = /^[^\s@<>\p{C}]{1,64}@[^\s@<>\p{C}]{1,253}$/u.test(value);
    return channel || person ? value : undefined;
  },
};

/** Notifies in Slack, through its web API. */
export const slackPlugin: Plugin<typeof tables> = {
  name: 'teleport-plugin-slack',
  summary: 'Notifies people of Teleport access requests in Slack.',
  tables,
  recipient,
  connect({ slack: { token, apiUrl: url, messageInterval: spacing } }, { teleportUrl }) {
    return slackNotifier({ token, url, spacing, teleportUrl });
  },
};
