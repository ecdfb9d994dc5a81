import type { Notification, Notifier } from '@teleport-plugins/plugin-kit';
import type { WebClient } from '@slack/web-api';

import { eventMessage, type Message, requestMessage } from './message.js';
import { deliveryError, slackApi, type SlackApiOptions, slackErrorOf } from './slack-api.js';

export interface SlackNotifierOptions extends Omit<SlackApiOptions, 'signal'> {
  /** The least time between two messages to one recipient, in milliseconds. */
  readonly spacing: number;
  readonly teleportUrl: URL | undefined;
}

/**
 * A request is one message per recipient; what happens to it is told in the message's thread, and
 * the message itself is edited to show the state.
 */
export function slackNotifier(options: SlackNotifierOptions): Notifier {
  const { teleportUrl, spacing } = options;
  const users = new Map<string, string>();

  const tell = async (
    notification: Notification,
    slack: WebClient,
  ): Promise<string | undefined> => {
    const { event, request, thread } = notification;
    const channel = await channelOf(notification.recipient, slack, users);
    if (event.event === 'access_request.create') {
      return post(slack, channel, requestMessage(event, event.state, teleportUrl));
    }
    const message = eventMessage(notification, teleportUrl);
    if (thread === undefined) {
      await post(slack, channel, message);
      return undefined;
    }
    if (request !== undefined && event.state !== request.state) {
      await edit(slack, thread, requestMessage(request, event.state, teleportUrl));
    }
    await reply(slack, thread, message, () =>
      post(slack, channel, eventMessage({ ...notification, thread: undefined }, teleportUrl)),
    );
    return undefined;
  };

  return {
    spacing,
    async notify(notification, signal) {
      try {
        return await tell(notification, slackApi({ ...options, signal }));
      } catch (error) {
        // Perhaps somebody else has the address by now.
        users.delete(notification.recipient);
        throw deliveryError(error);
      }
    },
    async check(signal) {
      try {
        await slackApi({ ...options, signal }).auth.test();
      } catch (error) {
        throw deliveryError(error);
      }
    },
    close: () => undefined,
  };
}

/** A recipient with an @ is a person, whose direct messages go to their id; others are channels. */
async function channelOf(
  recipient: string,
  slack: WebClient,
  users: Map<string, string>,
): Promise<string> {
  if (!recipient.includes('@')) return recipient;
  const known = users.get(recipient);
  if (known !== undefined) return known;
  const { user } = await slack.users.lookupByEmail({ email: recipient });
  if (user?.id === undefined) throw new Error('users.lookupByEmail answered without an id');
  users.set(recipient, user.id);
  return user.id;
}

/** @returns where the message is: the id of the channel (not its name) and the message's `ts` */
async function post(slack: WebClient, channel: string, message: Message): Promise<string> {
  const posted = await slack.chat.postMessage({ channel, ...message, ...quiet });
  return `${posted.channel ?? channel} ${posted.ts ?? ''}`;
}

async function edit(slack: WebClient, thread: string, message: Message): Promise<void> {
  const { channel, ts } = placeOf(thread);
  try {
    await slack.chat.update({ channel, ts, ...message });
  } catch (error) {
    // Deleted, or too old for this workspace's rules: the reply still tells it.
    if (!uneditable.has(slackErrorOf(error) ?? '')) throw error;
  }
}

async function reply(
  slack: WebClient,
  thread: string,
  message: Message,
  otherwise: () => Promise<unknown>,
): Promise<void> {
  const { channel, ts } = placeOf(thread);
  try {
    await slack.chat.postMessage({ channel, thread_ts: ts, ...message, ...quiet });
  } catch (error) {
    if (!threadless.has(slackErrorOf(error) ?? '')) throw error;
    await otherwise();
  }
}

const quiet = { unfurl_links: false, unfurl_media: false };
const uneditable = new Set(['cant_update_message', 'edit_window_closed', 'message_not_found']);
const threadless = new Set(['cannot_reply_to_message', 'message_not_found', 'thread_not_found']);

function placeOf(thread: string): { readonly channel: string; readonly ts: string } {
  const [channel = '', ts = ''] = thread.split(' ');
  return { channel, ts };
}
