import type { ServerResponse } from 'node:http';

import type { S3Fault } from './fault.js';
import type { Answer } from './world.js';
import { errorXml } from './xml.js';

export interface Sending {
  /** Nothing follows the headers, as in answers to HEAD. */
  readonly withoutBody: boolean;
  /** In the midst of the body the connection ends (`cut`), or nothing more comes (`stall`). */
  readonly broken: 'cut' | 'stall' | undefined;
  readonly onBytes: (count: number) => void;
}

export async function send(
  response: ServerResponse,
  { status = 200, headers = {}, body }: Answer,
  { withoutBody, broken, onBytes }: Sending,
): Promise<void> {
  response.writeHead(status, {
    ...(typeof body === 'string' && {
      'content-type': 'application/xml',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  });
  if (withoutBody || body === undefined) return void response.end();
  const { size, pieces } = piecesOf(body);
  let left = broken === undefined ? size : Math.floor(size / 2);
  for (const piece of pieces) {
    const part = piece.subarray(0, left);
    left -= part.byteLength;
    onBytes(part.byteLength);
    if (!response.write(part)) await drained(response);
    if (response.destroyed) return;
    if (left === 0) break;
  }
  if (broken === undefined) return void response.end();
  if (broken === 'stall') return;
  // What was written is let through first, so that a part of it comes.
  response.write('', () => response.destroy());
}

export async function sendFault(
  response: ServerResponse,
  { status, code, headers }: S3Fault,
  message: string,
  options: Pick<Sending, 'withoutBody'>,
): Promise<void> {
  const body = errorXml({ Code: code, Message: message, RequestId: 'the fake S3' });
  await send(
    response,
    { status, headers, ...(status !== 304 && { body }) },
    { ...options, broken: undefined, onBytes: () => undefined },
  );
}

function piecesOf(body: NonNullable<Answer['body']>) {
  if (typeof body === 'string') {
    return { size: Buffer.byteLength(body), pieces: [Buffer.from(body)] };
  }
  const { content, from, to } = body;
  return { size: to - from, pieces: content.read(from, to) };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
