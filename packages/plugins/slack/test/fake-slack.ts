import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message that the fake keeps. */
interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  /** As a person reads it. */
  readonly text: string;
  readonly edited: boolean;
}

/** What a call gets instead of its answer. */
export type Failure =
  | { readonly error: string }
  | { readonly status: number; readonly retryAfter?: number }
  | 'reset'
  | 'hang';

/** Slack's web API on loopback, as far as the plugin knows it, as strict as the real one. */
export interface FakeSlack {
  readonly url: URL;
  readonly messages: () => readonly FakeMessage[];
  /** The methods that were called, in order. */
  readonly calls: () => readonly string[];
  /** The next calls of a method fail. */
  readonly fail: (method: string, ...failures: readonly Failure[]) => void;
  /** Deletes all messages, as a person may. */
  readonly deleteMessages: () => void;
  /** Resolves when a method was called so many times. */
  readonly called: (method: string, count: number) => Promise<void>;
  /** Resolves when there are so many messages. */
  readonly posted: (count: number) => Promise<readonly FakeMessage[]>;
  readonly close: () => Promise<void>;
}

export const token = 'xoxb-1-correct';

const channels: Readonly<Record<string, string>> = {
  C0123456789: 'C0123456789',
  '#ops': 'C0OPS',
  ops: 'C0OPS',
  C0OPS: 'C0OPS',
  U0ALICE: 'D0ALICE',
  D0ALICE: 'D0ALICE',
};
const users: Readonly<Record<string, string>> = { 'alice@example.com': 'U0ALICE' };

type Arguments = Readonly<Record<string, string>>;
type Answer = Readonly<Record<string, unknown>>;

export async function startFakeSlack(): Promise<FakeSlack> {
  const messages: FakeMessage[] = [];
  const calls: string[] = [];
  const failures = new Map<string, Failure[]>();
  let changed = (): void => undefined;
  let clock = 0;

  const methods: Readonly<Record<string, (args: Arguments) => Answer>> = {
    'auth.test': () => ({ ok: true, user_id: 'U0BOT' }),
    'users.lookupByEmail': ({ email = '' }) => {
      const id = users[email];
      return id === undefined ? failure('users_not_found') : { ok: true, user: { id } };
    },
    'chat.postMessage': (args) => {
      const channel = channels[args.channel ?? ''];
      if (channel === undefined) return failure('channel_not_found');
      const parent = messages.find(({ ts }) => ts === args.thread_ts);
      if (args.thread_ts !== undefined && parent?.channel !== channel)
        return failure('thread_not_found');
      const text = readMessage(args);
      if ('error' in text) return failure(text.error);
      clock += 1;
      const ts = `1700000000.${String(clock).padStart(6, '0')}`;
      messages.push({ channel, ts, threadTs: args.thread_ts, text: text.text, edited: false });
      changed();
      return { ok: true, channel, ts };
    },
    'chat.update': (args) => {
      // Only by the id of a channel, never by its name.
      const index = messages.findIndex(
        ({ ts, channel }) => ts === args.ts && channel === args.channel,
      );
      const message = messages[index];
      if (message === undefined) return failure('message_not_found');
      const text = readMessage(args);
      if ('error' in text) return failure(text.error);
      messages[index] = { ...message, text: text.text, edited: true };
      return { ok: true, channel: message.channel, ts: message.ts };
    },
  };

  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const method = (request.url ?? '').replace('/api/', '');
      calls.push(method);
      changed();
      const planned = failures.get(method)?.shift();
      if (planned === 'reset') return request.socket.destroy();
      if (planned === 'hang') return undefined;
      if (planned !== undefined && 'status' in planned) {
        const { retryAfter } = planned;
        response.writeHead(
          planned.status,
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        );
        return response.end('busy');
      }
      const answer =
        planned === undefined ? answerTo(request, method, body) : failure(planned.error);
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(answer));
    });
  });
  const answerTo = (request: IncomingMessage, method: string, body: string): Answer => {
    const { authorization, 'content-type': type = '' } = request.headers;
    if (request.method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded')) {
      return failure('invalid_form_data');
    }
    if (authorization === undefined) return failure('not_authed');
    if (authorization !== `Bearer ${token}`) return failure('invalid_auth');
    return (
      methods[method]?.(Object.fromEntries(new URLSearchParams(body))) ?? failure('unknown_method')
    );
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`),
    messages: () => [...messages],
    calls: () => [...calls],
    fail: (method, ...next) => failures.set(method, [...(failures.get(method) ?? []), ...next]),
    deleteMessages: () => void messages.splice(0),
    async called(method, count) {
      const times = () => calls.filter((each) => each === method).length;
      while (times() < count) await new Promise<void>((resolve) => (changed = resolve));
    },
    async posted(count) {
      while (messages.length < count) await new Promise<void>((resolve) => (changed = resolve));
      return [...messages];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function failure(error: string): Answer {
  return { ok: false, error };
}

/** The text of a message's one block, if it is as https://docs.slack.dev/reference/block-kit/blocks/rich-text-block has it. */
function readMessage(args: Arguments): { readonly text: string } | { readonly error: string } {
  if ((args.text ?? '') === '') return { error: 'no_text' };
  if ((args.text ?? '').length > 4000) return { error: 'msg_too_long' };
  if (/<(?!!?$)/.test(args.text ?? '')) return { error: 'fake: markup in the text' };
  const blocks = JSON.parse(args.blocks ?? '[]') as {
    readonly type: string;
    readonly elements: readonly { readonly type: string; readonly elements: readonly Element[] }[];
  }[];
  const sound = blocks.every(
    ({ type, elements }) =>
      type === 'rich_text' &&
      elements.every(
        (section) =>
          section.type === 'rich_text_section' &&
          section.elements.every((each) =>
            each.type === 'link'
              ? URL.canParse(each.url ?? '')
              : each.type === 'text' && each.text.length > 0,
          ),
      ),
  );
  const text = blocks
    .flatMap(({ elements }) => elements.flatMap((section) => section.elements))
    .map((each) => (each.type === 'link' ? `${each.text} ${each.url ?? ''}` : each.text))
    .join('');
  if (text.length > 3000) return { error: 'msg_blocks_too_long' };
  return sound && text !== '' ? { text } : { error: 'invalid_blocks' };
}

interface Element {
  readonly type: string;
  readonly text: string;
  readonly url?: string;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
