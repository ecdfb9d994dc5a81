import { created, reviewed, updated } from '@teleport-plugins/plugin-kit/testing';
import type { Notification } from '@teleport-plugins/plugin-kit';
import fc from 'fast-check';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';

import { composeMail } from './mail.js';

const sender = { name: 'Teleport', address: 'teleport@example.com' };
const url = new URL('https://teleport.example.com');
const request = created({ reason: 'to look after the <backups>' });
const transport = createTransport({ streamTransport: true, buffer: true });

/** The mail as a mail program reads it. */
async function read(changes: Partial<Notification>, from = sender): Promise<ParsedMail> {
  const notification = {
    event: request,
    recipient: 'bob@example.com',
    request,
    thread: undefined,
    ...changes,
  };
  const { message } = await transport.sendMail(composeMail(notification, from, url));
  return simpleParser(message);
}

test('a creation is a mail that says who wants what', async () => {
  const mail = await read({});
  expect(mail.from?.text).toBe('"Teleport" <teleport@example.com>');
  expect(mail.to).toMatchObject({ text: 'bob@example.com' });
  expect(mail.subject).toBe('[teleport.example.com] Access: alice requests admin');
  expect(mail.text).toBe(
    [
      'alice requests access',
      '',
      'Request: request',
      'Cluster: teleport.example.com',
      'User: alice',
      'Roles: admin',
      'Reason for the request: to look after the <backups>',
      'Time: 2026-11-24T10:00:00.000Z',
      'Status: ⏳ PENDING',
      '',
      'https://teleport.example.com/web/requests/request',
      '',
    ].join('\n'),
  );
  expect(mail.html).toContain('to look after the &lt;backups&gt;');
  expect(mail.html).toContain('<a href="https://teleport.example.com/web/requests/request">');
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
});

describe('mails about one request', () => {
  test('are one thread for a recipient', async () => {
    const first = await read({});
    const review = await read({ event: reviewed() });
    const update = await read({ event: updated() });
    expect(first.messageId).toMatch(/^<request\.[\da-f]{40}@example\.com>$/);
    expect(first.inReplyTo).toBeUndefined();
    for (const later of [review, update]) {
      expect(later.inReplyTo).toBe(first.messageId);
      expect(later.references).toBe(first.messageId);
      expect(later.subject).toBe(`Re: ${String(first.subject)}`);
    }
    expect(new Set([first.messageId, review.messageId, update.messageId]).size).toBe(3);
  });

  test('are another thread for another recipient, and for another request', async () => {
    const ids = await Promise.all([
      read({}),
      read({ recipient: 'carol@example.com' }),
      read({ event: created({ requestId: 'other' }) }),
    ]);
    expect(new Set(ids.map(({ messageId }) => messageId)).size).toBe(3);
  });

  test('have the same Message-ID when they are sent again', async () => {
    expect((await read({})).messageId).toBe((await read({})).messageId);
  });

  test('are one thread also when the creation was never seen', async () => {
    const review = await read({ event: reviewed(), request: undefined });
    expect(review.inReplyTo).toBe((await read({})).messageId);
    expect(review.subject).toBe('Re: [teleport.example.com] Access: request request');
  });
});

test('the domain of the Message-ID is ASCII', async () => {
  const mail = await read({}, { name: '', address: 'teleport@bücher.example' });
  expect(mail.messageId).toMatch(/@xn--bcher-kva\.example>$/);
});

test('whatever people write, it adds no header, no recipient and no markup', async () => {
  const plain = await read({});
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '\r\nBcc: eve@example.com\r\n',
      '\n\n<script>alert(1)</script>',
      '=?utf-8?q?=0ABcc:_x?=',
    ),
    fc.constantFrom(
      "\"<a href='x'>",
      'eve@example.com, <mallory@example.com>',
      '\u2028',
      '.\r\n',
      '&lt;b&gt;',
    ),
  );
  const hostile = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (user, reason, requestId) => {
      const event = created({
        user,
        reason,
        requestId,
        roles: [user],
        clusterName: reason,
        state: user,
      });
      const mail = await read({ event, request: event });
      expect([...mail.headers.keys()].sort()).toEqual([...plain.headers.keys()].sort());
      expect(mail.to).toMatchObject({ value: [{ address: 'bob@example.com' }] });
      expect([mail.cc, mail.bcc, mail.attachments]).toEqual([undefined, undefined, []]);
      const tags = String(mail.html).match(/<\/?[a-z]+/gi) ?? [];
      const known = /^<\/?(?:p|strong|table|tr|th|td|a)$/;
      expect(tags.filter((tag) => !known.test(tag))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
