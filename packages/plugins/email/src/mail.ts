import { createHash } from 'node:crypto';

import { type Notification, type Summary, summarize } from '@teleport-plugins/plugin-kit';
import type { SendMailOptions } from 'nodemailer';

import { domainOf, type NamedAddress } from './address.js';
import { escapeHtml } from './html.js';

/**
 * The mail for a notification. Mails about one request are one thread in the recipient's mail
 * program: the Message-ID of the first follows from the request, and the others refer to it, so a
 * thread survives a restart, and a mail that is sent twice has the same Message-ID twice.
 */
export function composeMail(
  notification: Notification,
  sender: NamedAddress,
  teleportUrl: URL | undefined,
): SendMailOptions {
  const { event, recipient } = notification;
  const summary = summarize(notification, teleportUrl);
  const domain = domainOf(sender.address);
  const first = messageId('request', [event.requestId, recipient], domain);
  const isFirst = event.event === 'access_request.create';
  return {
    from: { ...sender },
    to: { name: '', address: recipient },
    subject: isFirst ? summary.subject : `Re: ${summary.subject}`,
    messageId: isFirst ? first : messageId('event', [event.event, event.uid, recipient], domain),
    ...(isFirst ? {} : { inReplyTo: first, references: first }),
    text: textOf(summary),
    html: htmlOf(summary),
    headers: {
      // RFC 3834: nobody's vacation notice answers this; the second is Exchange's word for it.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function messageId(kind: string, parts: readonly string[], domain: string): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `<${kind}.${digest.slice(0, 40)}@${domain}>`;
}

function textOf({ headline, facts, status, link }: Summary): string {
  const lines = facts.map(({ label, value }) => `${label}: ${value}`);
  const see = link === undefined ? [] : ['', link];
  return [headline, '', ...lines, `Status: ${status}`, ...see, ''].join('\n');
}

function htmlOf({ headline, facts, status, link }: Summary): string {
  const rows = [...facts, { label: 'Status', value: status }].map(
    ({ label, value }) =>
      `<tr><th align="left" valign="top">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  const see =
    link === undefined
      ? ''
      : `<p><a href="${escapeHtml(link)}">Open the request in Teleport</a></p>`;
  return `<p><strong>${escapeHtml(headline)}</strong></p><table cellpadding="4">${rows.join('')}</table>${see}`;
}
