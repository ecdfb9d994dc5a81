import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): unknown;
}

export interface Sent {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** One request, its path sent as it stands: no client in between tidies it. */
export async function call(
  host: string,
  method: string,
  path: string,
  { headers = {}, body }: Sent = {},
): Promise<Reply> {
  const url = new URL(`http://${host}`);
  const outgoing = request({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    method,
    path,
    headers: {
      ...(body instanceof Uint8Array && { 'content-length': body.length }),
      ...headers,
    },
  });
  const reply = new Promise<Reply>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      buffer(incoming).then((bytes) => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: bytes,
          json: () => JSON.parse(bytes.toString('utf8')) as unknown,
        });
      }, reject);
    });
  });
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
  else void pipeline(Readable.from(body), outgoing).catch(() => undefined);
  return reply;
}
