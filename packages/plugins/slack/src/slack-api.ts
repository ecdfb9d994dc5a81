import { messageOf, PluginError } from '@teleport-plugins/plugin-kit';
import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import type { Secret } from '@teleport-plugins/secrets';

export interface SlackApiOptions {
  readonly token: Secret;
  readonly url: URL;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** Milliseconds for one call. */
const timeout = 10_000;

/**
 * Slack's own client, without its retries and waits: the queue knows when to try again, and what
 * else there is to do meanwhile.
 */
export function slackApi({ token, url, signal }: SlackApiOptions): WebClient {
  return new WebClient(token.reveal(), {
    slackApiUrl: url.href,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger: silent,
    fetch: (address, init) =>
      fetch(address, {
        ...init,
        signal: init?.signal === undefined ? signal : AbortSignal.any([signal, init.signal]),
      }),
  });
}

/** Slack's word for what it does not do (`channel_not_found`); `undefined` when it did not say. */
export function slackErrorOf(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/**
 * What is wrong with this very message or its recipient stays wrong. All else passes, or somebody
 * can put it right (a token, a scope, an invitation to a channel): the message waits for it.
 */
export function deliveryError(error: unknown): PluginError {
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfter = error.retryAfter * 1000;
    return new PluginError('delivery-failed', 'Slack asks to slow down', {
      cause: error,
      retryAfter,
    });
  }
  const word = slackErrorOf(error);
  const message = `Slack: ${word === undefined ? reasonOf(error) : `${word}${adviceOf(word)}`}`;
  const code = word !== undefined && hopeless.has(word) ? 'delivery-refused' : 'delivery-failed';
  return new PluginError(code, message, { cause: error });
}

const hopeless: ReadonlySet<string> = new Set([
  'cannot_dm_bot',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'is_archived',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'users_not_found',
]);

const advice: Readonly<Record<string, string>> = {
  account_inactive: 'the token is of a user or a workspace that is gone: make a new one',
  channel_not_found: 'invite the bot to this channel, or correct its name',
  invalid_auth: 'check the token',
  missing_scope: 'give the app chat:write and users:read.email, and install it again',
  not_authed: 'check the token',
  not_in_channel: 'invite the bot to this channel',
  token_expired: 'make a new token',
  token_revoked: 'make a new token',
};

function adviceOf(word: string): string {
  return Object.hasOwn(advice, word) ? ` (${advice[word] ?? ''})` : '';
}

/** The client's errors keep what happened one level down, and so does fetch. */
function reasonOf(error: unknown): string {
  if (error instanceof WebAPIHTTPError) return `HTTP ${error.statusCode}`;
  const reasons = [];
  for (let each = error; each instanceof Error; each = each.cause) reasons.push(messageOf(each));
  return reasons.length > 0 ? reasons.join(': ') : String(error);
}

const nothing = (): void => undefined;

/** What matters comes as an error, or in our own log; debug lines of the client hold message texts. */
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
