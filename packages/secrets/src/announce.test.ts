import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { afterEach, describe, expect, test } from 'vitest';

import { announceSecrets } from './announce.js';
import { SecretsError } from './error.js';
import { Secret } from './secret.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Serves one socket; `answer` is called with all that was sent. */
async function serve(answer: (socket: Socket, sent: Buffer) => void): Promise<string> {
  const path = join(await temporaryDirectory(), 'socket');
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('end', () => answer(socket, Buffer.concat(pieces)));
    socket.on('error', () => undefined);
    closing.push(() => socket.destroy());
  });
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const secrets = [new Secret('hunter2'), new Secret('é')];

describe('Secrets that are announced', () => {
  test('are sent with their lengths, and are masked when the byte has come', async () => {
    const all: Buffer[] = [];
    const path = await serve((socket, sent) => {
      all.push(sent);
      socket.end(Buffer.from([1]));
    });
    await announceSecrets(path, secrets);
    expect(Buffer.concat(all)).toEqual(Buffer.from('\0\0\0\x07hunter2\0\0\0\x02é'));
  });

  test('are sent nowhere without a socket', async () => {
    await expect(announceSecrets(undefined, secrets)).resolves.toBeUndefined();
  });

  test('are none when there are none', async () => {
    await expect(announceSecrets('/nonexistent/socket', [])).resolves.toBeUndefined();
  });
});

describe('An announcement fails, without a secret in its error,', () => {
  async function failureAt(path: string): Promise<SecretsError> {
    const error: unknown = await announceSecrets(path, secrets, { timeout: 200 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(SecretsError);
    expect(String((error as SecretsError).stack)).not.toContain('hunter2');
    return error as SecretsError;
  }

  test('when nobody listens', async () => {
    const error = await failureAt('/nonexistent/socket');
    expect(error.code).toBe('announcement-failed');
    expect(error.message).toContain('ENOENT');
  });

  test('when the other side hangs up', async () => {
    const path = await serve((socket) => socket.end());
    expect((await failureAt(path)).message).toContain('it hung up');
  });

  test('when there is no answer in time', async () => {
    const path = await serve(() => undefined);
    expect((await failureAt(path)).message).toContain('no answer in 200 ms');
  });
});
