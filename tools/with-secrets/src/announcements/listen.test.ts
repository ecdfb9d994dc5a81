import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { announceSecrets, Secret } from '@teleport-plugins/secrets';
import { redactor } from '@teleport-plugins/secrets/redaction';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { listenForSecrets } from './listen.js';

async function listening() {
  const mask = redactor();
  const folder = await temporaryDirectory();
  const announcements = await listenForSecrets(folder, mask);
  onTestFinished(() => announcements.close());
  return { mask, ...announcements };
}

/** What is answered to bytes. */
async function answerTo(path: string, ...chunks: readonly Uint8Array[]): Promise<string> {
  const connection = connect({ path, allowHalfOpen: true });
  connection.on('error', () => undefined);
  for (const chunk of chunks) connection.write(chunk);
  connection.end();
  return text(connection).catch(() => 'broken');
}

function frame(secret: string, size = Buffer.byteLength(secret)): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(size);
  return Buffer.concat([head, Buffer.from(secret)]);
}

test('what is announced is masked in streams that are open', async () => {
  const { mask, path } = await listening();
  const stream = mask.stream();
  await announceSecrets(path, [new Secret('first secret'), new Secret('second secret')]);
  const masked = [stream.write(Buffer.from('first secret, second secret')), stream.end()];
  expect(Buffer.concat(masked).toString()).toBe('***, ***');
});

test('many at once, and the same again, are confirmed', async () => {
  const { mask, path } = await listening();
  const secrets = Array.from({ length: 40 }, (_, number) => new Secret(`secret number ${number}`));
  const all = secrets.map((secret) => announceSecrets(path, [secret, new Secret('shared secret')]));
  await Promise.all(all);
  expect(mask.redact('secret number 39 and shared secret')).toBe('*** and ***');
});

test('what is too short to be masked is no reason to fail', async () => {
  const { path } = await listening();
  await expect(announceSecrets(path, [new Secret('abc'), new Secret('')])).resolves.toBeUndefined();
});

test('a secret in many pieces is one', async () => {
  const { mask, path } = await listening();
  const bytes = [...frame('one secret')].map((byte) => Uint8Array.of(byte));
  expect(await answerTo(path, ...bytes)).toBe('+');
  expect(mask.redact('one secret')).toBe('***');
});

test.each([
  ['half a frame', [frame('secret', 100)]],
  ['a size without end', [frame('secret', 0xffff_ffff)]],
  ['no UTF-8', [Uint8Array.of(0, 0, 0, 2, 0xc3, 0x28)]],
  ['more secrets than one has', Array.from({ length: 1001 }, (_, n) => frame(`secret ${n}`))],
  ['more bytes than one has', Array.from({ length: 20 }, (_, n) => frame(`${n} `.repeat(30_000)))],
])('%s is not confirmed, and does not end with-secrets', async (_, chunks) => {
  const { mask, path } = await listening();
  expect(await answerTo(path, ...chunks)).not.toBe('+');
  if (chunks.length > 1) return;
  await announceSecrets(path, [new Secret('another secret')]);
  expect(mask.redact('another secret')).toBe('***');
});

test('an announcement that is cut off is noticed by who makes it', async () => {
  const { path } = await listening();
  const large = new Secret('x'.repeat(200_000));
  await expect(announceSecrets(path, [large])).rejects.toMatchObject({
    code: 'announcement-failed',
  });
});

test('closing ends connections that are open', async () => {
  const announcements = await listening();
  const connection = connect(announcements.path);
  const closed = once(connection, 'close');
  await announceSecrets(announcements.path, [new Secret('behind the connection')]);
  announcements.close();
  await closed;
});

test('where it cannot listen it says where', async () => {
  const folder = join(await temporaryDirectory(), 'missing');
  await expect(listenForSecrets(folder, redactor())).rejects.toMatchObject({
    code: 'folder-failed',
    message: `${folder}/socket: cannot listen there for secrets that arise later (EACCES); name another folder with TMPDIR`,
  });
});
