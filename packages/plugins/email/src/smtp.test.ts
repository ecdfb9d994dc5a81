import { inspect } from 'node:util';

import { Secret } from '@teleport-plugins/secrets';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { type MailServers, startMailServers } from '../test/mail-servers.js';
import { openSmtp, type SmtpOptions, type SmtpServer } from './smtp.js';

// A process starts slowly on a machine that has much else to do.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let servers: MailServers;
beforeAll(async () => {
  servers = await startMailServers();
});
afterAll(() => servers.stop());

const never = new AbortController().signal;
const login = { username: 'teleport', password: new Secret('correct horse') };

function open(options: Partial<SmtpOptions>): SmtpServer {
  const server = openSmtp({
    host: 'localhost',
    port: servers.ports.plain,
    security: 'none',
    login: undefined,
    ca: servers.ca,
    connections: 2,
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

function mail(to: string, from = 'teleport@example.com') {
  return { from, to, subject: 'hello', text: 'hello' };
}

test('a mail is sent in the clear, where that is wanted', async () => {
  await open({}).send(mail('plain@example.com'), never);
  const [arrived] = await servers.mailsTo('plain@example.com');
  expect(arrived).toMatchObject({ server: 'plain', from: 'teleport@example.com', secure: false });
});

test('a mail is sent after STARTTLS and a login', async () => {
  const server = open({ port: servers.ports.starttls, security: 'starttls', login });
  await server.check();
  await server.send(mail('starttls@example.com'), never);
  const [arrived] = await servers.mailsTo('starttls@example.com');
  expect(arrived).toMatchObject({ server: 'starttls', secure: true, user: 'teleport' });
});

test('a mail is sent over TLS from the start, after a login', async () => {
  await open({ port: servers.ports.tls, security: 'tls', login }).send(
    mail('tls@example.com'),
    never,
  );
  const [arrived] = await servers.mailsTo('tls@example.com');
  expect(arrived).toMatchObject({ server: 'tls', secure: true, user: 'teleport' });
});

test('STARTTLS is used where it is offered, if it need not be', async () => {
  const server = open({ port: servers.ports.starttls, security: 'opportunistic', login });
  await server.send(mail('opportunistic@example.com'), never);
  expect(await servers.mailsTo('opportunistic@example.com')).toMatchObject([{ secure: true }]);
});

describe('a mail waits', () => {
  const cases: readonly (readonly [string, () => Partial<SmtpOptions>, RegExp])[] = [
    ['for a server that does not answer', () => ({ port: 1 }), /^localhost:1: .*ECONNREFUSED/],
    [
      'for a server that has no STARTTLS where it must',
      () => ({ security: 'starttls' }),
      /STARTTLS/,
    ],
    [
      'for a certificate that can be trusted',
      () => ({ port: servers.ports.starttls, security: 'starttls', ca: undefined }),
      /certificate/,
    ],
    [
      'for the right login',
      () => ({
        port: servers.ports.tls,
        security: 'tls',
        login: { username: 'teleport', password: new Secret('hunter2') },
      }),
      /535 5\.7\.8 Wrong login/,
    ],
    ['for a login at all', () => ({ port: servers.ports.tls, security: 'tls' }), /530/],
  ];
  test.each(cases)('%s', async (_what, options, message) => {
    const server = open(options());
    await expect(server.send(mail('waiting@example.com'), never)).rejects.toMatchObject({
      code: 'delivery-failed',
      message: expect.stringMatching(message) as string,
    });
    expect(servers.countTo('waiting@example.com')).toBe(0);
  });

  test('and an early check says so, without the password', async () => {
    const wrong = { username: 'teleport', password: new Secret('hunter2') };
    const server = open({ port: servers.ports.tls, security: 'tls', login: wrong });
    const error: unknown = await server.check().catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'delivery-failed' });
    expect(inspect(error, { depth: 9 })).toContain('Wrong login');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test.each([
    ['a mailbox that is full', 'full@example.com', undefined, /452 4\.2\.2 Mailbox full/],
    [
      'a server that wants it later',
      'greylisted-1@example.com',
      undefined,
      /451 4\.7\.1 Greylisted/,
    ],
    [
      'a sender that is let in',
      'a@example.com',
      'banned@example.com',
      /550 5\.7\.1 Sender refused/,
    ],
  ])('for %s', async (_what, to, from, message) => {
    await expect(open({}).send(mail(to, from), never)).rejects.toMatchObject({
      code: 'delivery-failed',
      message: expect.stringMatching(message) as string,
    });
  });
});

test.each([
  ['a mailbox that does not exist', 'unknown@example.com', /550 5\.1\.1 User unknown/],
  ['a mail that is not taken', 'picky@example.com', /554 5\.7\.1 Looks like spam/],
])('a mail is refused for good for %s', async (_what, to, message) => {
  await expect(open({}).send(mail(to), never)).rejects.toMatchObject({
    code: 'delivery-refused',
    message: expect.stringMatching(message) as string,
  });
});

test('a connection is used again after a refusal, and for many mails', async () => {
  const server = open({ connections: 1 });
  await expect(server.send(mail('unknown@example.com'), never)).rejects.toThrow('User unknown');
  for (let count = 0; count < 120; count += 1) await server.send(mail('many@example.com'), never);
  expect(await servers.mailsTo('many@example.com', 120)).toHaveLength(120);
});

test('an attempt ends when its signal aborts', async () => {
  const abort = new AbortController();
  const sending = open({}).send(mail('hanging@example.com'), abort.signal);
  abort.abort();
  await expect(sending).rejects.toMatchObject({ code: 'delivery-failed' });
});
