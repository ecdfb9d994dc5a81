import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';
import type { Redactor } from '@teleport-plugins/secrets/redaction';

import { WithSecretsError } from '../error.js';
import { FrameError, frameReader } from './frames.js';

/** Where the command says which secrets it has come by. */
export interface Announcements {
  /** The socket, for the command's environment. */
  readonly path: string;
  close(): void;
}

/** What a command may take of the memory here, whatever it sends. */
const limits = { secrets: 1000, bytes: 1024 * 1024, connections: 64 };

/** The answer to a connection whose secrets are all masked. Others end without one. */
const confirmation = '+';

/**
 * Listens for secrets that arise while the command runs, as `announceSecrets` tells them: tokens of sessions, passwords
 * of registries. They are masked from the moment at which their sender has the answer.
 *
 * @param folder private to this user; the socket is made in it
 * @throws WithSecretsError `folder-failed`
 */
export async function listenForSecrets(folder: string, redactor: Redactor): Promise<Announcements> {
  const add = limitedAdd(redactor);
  const connections = new Set<Socket>();
  // Half open: the answer comes after the end of the secrets.
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    receive(connection, add);
  });
  server.maxConnections = limits.connections;
  const path = join(folder, 'socket');
  try {
    await listen(server, path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new WithSecretsError(
      'folder-failed',
      `${path}: cannot listen there for secrets that arise later (${why}); name another folder with TMPDIR`,
      { cause },
    );
  }
  return {
    path,
    close() {
      server.close();
      for (const connection of connections) connection.destroy();
    },
  };
}

function receive(connection: Socket, add: (text: string) => void): void {
  const frames = frameReader();
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk) => {
    try {
      frames.push(chunk).forEach(add);
    } catch {
      connection.destroy();
    }
  });
  connection.once('end', () => {
    if (frames.isComplete()) connection.end(confirmation);
    else connection.destroy();
  });
}

/** Throws FrameError when it would be too much. What is too short to be masked is not worth a failure. */
function limitedAdd(redactor: Redactor): (text: string) => void {
  const known = new Set<string>();
  let bytes = 0;
  return (text) => {
    if (known.has(text)) return;
    bytes += Buffer.byteLength(text);
    if (known.size >= limits.secrets || bytes > limits.bytes) throw new FrameError('too much');
    known.add(text);
    redactor.add(new Secret(text));
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
}
