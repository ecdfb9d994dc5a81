import {
  type AccessRequestCreated,
  type Fact,
  type Notification,
  oneLine,
  summarize,
} from '@teleport-plugins/plugin-kit';
import type { KnownBlock, RichTextElement } from '@slack/web-api';

/** A message as Slack shows it; `text` is what notifications and screen readers say. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** What is requested: the message that starts a thread, and that is edited when the state changes. */
export function requestMessage(
  request: AccessRequestCreated,
  state: string,
  teleportUrl: URL | undefined,
): Message {
  const event = { ...request, state };
  return messageOf(summarize({ event, request }, teleportUrl));
}

/** What happened to a request. In its thread, the facts of the request are right above. */
export function eventMessage(notification: Notification, teleportUrl: URL | undefined): Message {
  const summary = summarize(notification, teleportUrl);
  if (notification.thread === undefined) return messageOf(summary);
  const facts = summary.facts.filter(({ label }) => label === 'Review' || label === 'Reason');
  return messageOf({ ...summary, facts, link: undefined });
}

interface Content {
  readonly headline: string;
  readonly facts: readonly Fact[];
  readonly status: string;
  readonly link: string | undefined;
}

/** Slack takes 3000 characters for a text. */
const valueLimit = 250;

/** Rich text is literal: Slack sees no markup, no mention and no link in what people wrote. */
function messageOf({ headline, facts, status, link }: Content): Message {
  const lines = [...facts, { label: 'Status', value: status }].flatMap(({ label, value }) => [
    bold(`\n${label}: `),
    plain(oneLine(value, valueLimit)),
  ]);
  const see: RichTextElement[] =
    link === undefined ? [] : [plain('\n'), { type: 'link', url: link, text: 'Open in Teleport' }];
  const section = {
    type: 'rich_text_section' as const,
    elements: [bold(headline), ...lines, ...see],
  };
  return {
    text: escapeText(`${headline} (${status})`),
    blocks: [{ type: 'rich_text', elements: [section] }],
  };
}

function plain(text: string): RichTextElement {
  return { type: 'text', text };
}

function bold(text: string): RichTextElement {
  return { type: 'text', text, style: { bold: true } };
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping: no mention, no link. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
