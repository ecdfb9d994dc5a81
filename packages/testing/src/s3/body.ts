import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { S3Fault } from './fault.js';

/** The body of a request, checked against what its headers say of it. `onBytes` counts what has come. */
export async function readBody(
  request: IncomingMessage,
  onBytes: (count: number) => void,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) {
    pieces.push(piece as Uint8Array);
    onBytes((piece as Uint8Array).byteLength);
  }
  const { headers } = request;
  const sha256 = headers['x-amz-content-sha256'];
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) {
    check(pieces, 'sha256', 'hex', sha256, 'XAmzContentSHA256Mismatch');
  }
  const content = isChunked(headers) ? unchunked(Buffer.concat(pieces)) : pieces;
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string') check(content, 'md5', 'base64', md5, 'BadDigest');
  return content;
}

function check(
  pieces: readonly Uint8Array[],
  algorithm: string,
  encoding: 'hex' | 'base64',
  expected: string,
  code: string,
): void {
  const hash = createHash(algorithm);
  for (const piece of pieces) hash.update(piece);
  if (hash.digest(encoding) === expected) return;
  throw new S3Fault(400, code, `The ${algorithm} you specified did not match what we received.`);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
function isChunked(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-amz-content-sha256']).startsWith('STREAMING-');
}

/** Chunks are a length in hex, perhaps a signature, and the bytes; the last one is empty. */
function unchunked(body: Buffer): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, Math.max(end, at)), 16);
    if (end === -1 || !Number.isSafeInteger(size)) {
      throw new S3Fault(400, 'IncompleteBody', 'A chunk is not one.');
    }
    if (size === 0) return pieces;
    pieces.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
