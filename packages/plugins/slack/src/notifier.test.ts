import { created, reviewed, updated } from '@teleport-plugins/plugin-kit/testing';
import type { Notification, Notifier } from '@teleport-plugins/plugin-kit';
import { Secret } from '@teleport-plugins/secrets';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { type Failure, type FakeSlack, startFakeSlack, token } from '../test/fake-slack.js';
import { slackNotifier } from './notifier.js';

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
  onTestFinished(() => slack.close());
});

const never = new AbortController().signal;
const request = created({ reason: 'to look after the backups' });

function notifier(secret = token): Notifier {
  return slackNotifier({
    token: new Secret(secret),
    url: slack.url,
    spacing: 0,
    teleportUrl: new URL('https://teleport.example.com'),
  });
}

function notify(changes: Partial<Notification>, by = notifier(), signal = never) {
  return by.notify(
    { event: request, recipient: '#ops', request, thread: undefined, ...changes },
    signal,
  );
}

test('a creation is a message that says who wants what', async () => {
  const thread = await notify({});
  expect(slack.messages()).toMatchObject([
    {
      channel: 'C0OPS',
      text: [
        'alice requests access',
        'Request: request',
        'Cluster: teleport.example.com',
        'User: alice',
        'Roles: admin',
        'Reason for the request: to look after the backups',
        'Time: 2026-11-24T10:00:00.000Z',
        'Status: ⏳ PENDING',
        'Open in Teleport https://teleport.example.com/web/requests/request',
      ].join('\n'),
    },
  ]);
  expect(thread).toBe(`C0OPS ${slack.messages()[0]?.ts ?? ''}`);
});

describe('what happens to a request', () => {
  test('is told in the thread of its message, which then shows the state', async () => {
    const thread = await notify({});
    const by = notifier();
    await notify({ event: reviewed({ state: 'PENDING', reason: 'fine with me' }), thread }, by);
    await notify({ event: updated({ state: 'APPROVED' }), thread }, by);
    const [first, review, update] = slack.messages();
    expect(first?.text).toContain('Status: ✅ APPROVED');
    expect(first).toMatchObject({ edited: true });
    expect(review?.text).toBe(
      'bob approved the access request of alice\nReview: fine with me\nStatus: ⏳ PENDING',
    );
    expect(update?.text).toBe(
      'The access request of alice was set to APPROVED by carol\nStatus: ✅ APPROVED',
    );
    expect([review?.threadTs, update?.threadTs]).toEqual([first?.ts, first?.ts]);
    expect(slack.calls()).toEqual([
      'chat.postMessage',
      'chat.postMessage',
      'chat.update',
      'chat.postMessage',
    ]);
  });

  test('is a message of its own when the first one is not known', async () => {
    expect(await notify({ event: reviewed(), request: undefined })).toBeUndefined();
    const [message] = slack.messages();
    expect(message?.text).toContain('bob approved an access request\nRequest: request\n');
    expect(message?.threadTs).toBeUndefined();
  });

  test('is a message of its own when somebody deleted the first one', async () => {
    const thread = await notify({});
    slack.deleteMessages();
    await notify({ event: reviewed(), thread });
    const [message] = slack.messages();
    expect(message?.text).toContain('bob approved the access request of alice\nRequest: request\n');
    expect(message?.threadTs).toBeUndefined();
  });

  test('is told also when the first message cannot be edited any more', async () => {
    const thread = await notify({});
    slack.fail('chat.update', { error: 'edit_window_closed' });
    await notify({ event: reviewed(), thread });
    expect(slack.messages()).toHaveLength(2);
  });
});

test('a person gets it as a direct message, and is looked up once', async () => {
  const by = notifier();
  const thread = await notify({ recipient: 'alice@example.com' }, by);
  await notify({ recipient: 'alice@example.com', event: reviewed(), thread }, by);
  expect(slack.messages()).toMatchObject([{ channel: 'D0ALICE' }, { channel: 'D0ALICE' }]);
  expect(slack.calls().filter((method) => method === 'users.lookupByEmail')).toHaveLength(1);
});

test('a person is looked up again after a failure', async () => {
  const by = notifier();
  await notify({ recipient: 'alice@example.com' }, by);
  slack.fail('chat.postMessage', { error: 'channel_not_found' });
  await expect(notify({ recipient: 'alice@example.com' }, by)).rejects.toThrow('channel_not_found');
  await notify({ recipient: 'alice@example.com' }, by);
  expect(slack.calls().filter((method) => method === 'users.lookupByEmail')).toHaveLength(2);
});

describe('a message is tried again later', () => {
  const cases: readonly (readonly [string, Failure, RegExp])[] = [
    [
      'when the bot is not in the channel',
      { error: 'not_in_channel' },
      /^Slack: not_in_channel \(invite the bot/,
    ],
    [
      'when the token is revoked',
      { error: 'token_revoked' },
      /^Slack: token_revoked \(make a new token\)/,
    ],
    ['when Slack fails', { error: 'internal_error' }, /^Slack: internal_error$/],
    ['when Slack says something new', { error: 'brand_new_error' }, /^Slack: brand_new_error$/],
    ['when a gateway fails', { status: 502 }, /^Slack: HTTP 502$/],
    ['when the connection breaks', 'reset', /^Slack: .*fetch failed/],
    ['when a limit comes without a time', { status: 429 }, /^Slack: /],
  ];
  test.each(cases)('%s', async (_what, failure, message) => {
    slack.fail('chat.postMessage', failure);
    const error: unknown = await notify({}).catch((each: unknown) => each);
    expect(error).toMatchObject({
      code: 'delivery-failed',
      message: expect.stringMatching(message) as string,
    });
    expect(slack.calls()).toEqual(['chat.postMessage']);
  });

  test('when Slack asks to slow down, after the time it names', async () => {
    slack.fail('chat.postMessage', { status: 429, retryAfter: 30 });
    await expect(notify({})).rejects.toMatchObject({ code: 'delivery-failed', retryAfter: 30_000 });
    expect(slack.calls()).toHaveLength(1);
  });

  test('when nobody listens', async () => {
    await slack.close();
    await expect(notify({})).rejects.toMatchObject({
      code: 'delivery-failed',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('when its attempt is cut off', async () => {
    slack.fail('chat.postMessage', 'hang');
    const abort = new AbortController();
    const sending = notify({}, notifier(), abort.signal);
    abort.abort();
    await expect(sending).rejects.toMatchObject({ code: 'delivery-failed' });
  });
});

test.each([
  ['a person who is not there', 'eve@example.com', undefined, 'Slack: users_not_found'],
  ['a channel that was archived', '#ops', { error: 'is_archived' }, 'Slack: is_archived'],
])('a message is given up for %s', async (_what, recipient, failure, message) => {
  if (failure !== undefined) slack.fail('chat.postMessage', failure);
  await expect(notify({ recipient })).rejects.toMatchObject({ code: 'delivery-refused', message });
});

describe('a check', () => {
  test('passes with the right token', async () => {
    await notifier().check(never);
    expect(slack.calls()).toEqual(['auth.test']);
  });

  test('fails with another one, and does not say it', async () => {
    const error: unknown = await notifier('xoxb-2-wrong')
      .check(never)
      .catch((each: unknown) => each);
    expect(error).toMatchObject({
      code: 'delivery-failed',
      message: 'Slack: invalid_auth (check the token)',
    });
    expect(JSON.stringify(error)).not.toContain('xoxb-2-wrong');
  });
});

test('whatever people write, Slack takes it, and sees no markup', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
    fc.constantFrom(
      '<!channel>',
      '<https://evil.example|click>',
      '*_~`',
      '&lt;',
      'x'.repeat(4096),
      '\u0000',
    ),
  );
  const by = notifier();
  await fc.assert(
    fc.asyncProperty(text, text, text, async (user, reason, requestId) => {
      const event = created({
        user,
        reason,
        requestId,
        roles: [reason, user],
        resourceNames: [user],
      });
      const thread = await notify({ event, request: event }, by);
      const review = reviewed({ reason, requestId, reviewer: user });
      await notify({ event: review, request: event, thread }, by);
      await notify({ event: review, request: undefined }, by);
    }),
    { numRuns: 40 },
  );
});
