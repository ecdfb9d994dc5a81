import type { IncomingMessage } from 'node:http';

import { type Answer, refusal } from './answer.js';

/**
 * Reads the body of a request that carries JSON, up to a limit.
 *
 * @returns the bytes, or what to answer: 413 when there are more, 415 when it says to be something else
 */
export async function readJsonBody(
  request: IncomingMessage,
  limit: number,
): Promise<Uint8Array | Answer> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^application\/(?:json|x-ndjson|ndjson|jsonl|json-lines)$/.test(type)) {
    return refusal(
      415,
      `expected content-type application/json or application/x-ndjson, found ${type === '' ? 'none' : type}`,
    );
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    return refusal(
      415,
      `expected a body that is not compressed, found content-encoding ${encoding}`,
      {
        'accept-encoding': 'identity',
      },
    );
  }
  const tooLarge = `the body is larger than ${limit} bytes: send fewer events at once`;
  if (Number(request.headers['content-length'] ?? 0) > limit) return refusal(413, tooLarge);
  return (await readUpTo(request, limit)) ?? refusal(413, tooLarge);
}

/** Not `for await`: leaving it early would destroy the connection before the answer. */
function readUpTo(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return chunks.push(chunk);
      chunks.length = 0;
      return resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed within the body')));
  });
}
