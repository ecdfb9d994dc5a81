import { createHmac, randomBytes } from 'node:crypto';

import { listen, type LoopbackServer } from '../server.js';
import type { World } from '../world.js';
import { forward } from './forward.js';

/** Where registries redirect to for blobs: another origin, which takes signed addresses only. */
export interface Storage extends LoopbackServer {
  /** A signed address of a blob (by its path at the registry behind), good for an hour. */
  urlOf(upstream: string, path: string): string;
}

export async function serveStorage(world: World): Promise<Storage> {
  const key = randomBytes(32);
  const signatureOf = (text: string) => createHmac('sha256', key).update(text).digest('hex');

  const server = await listen(async (request, response) => {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { upstream, path, expires, signature } = parametersOf(url);
    const recording = world.log.record({
      service: 'storage',
      action: 'GetObject',
      parameters: { method, path: `/${path.slice(path.lastIndexOf('/') + 1)}` },
    });
    const refuse = (status: number, code: string, message: string) => {
      recording.outcome = code;
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    };
    const rule = world.misbehaviours.next(request, response, recording);
    if (rule === 'answered') return;
    if (rule?.as === 'throttled') {
      refuse(503, 'SlowDown', 'Please reduce your request rate.');
    } else if (headers.authorization !== undefined) {
      refuse(400, 'InvalidArgument', 'Only one auth mechanism allowed');
    } else if (rule || Number(expires) * 1000 < world.now().getTime()) {
      refuse(403, 'AccessDenied', 'Request has expired');
    } else if (signature !== signatureOf(`${upstream} ${path} ${expires}`)) {
      refuse(403, 'SignatureDoesNotMatch', 'The request signature does not match');
    } else {
      recording.outcome = String(await forward(upstream, request, response, { target: path }));
    }
  });
  return {
    ...server,
    urlOf(upstream, path) {
      const expires = String(Math.floor(world.now().getTime() / 1000) + 3600);
      const url = new URL(`http://${server.host}/${upstream}${path}`);
      url.searchParams.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256');
      url.searchParams.set('X-Amz-Expires', expires);
      url.searchParams.set('X-Amz-Signature', signatureOf(`${upstream} ${path} ${expires}`));
      return url.href;
    },
  };
}

function parametersOf({ pathname, searchParams }: URL) {
  const [, upstream = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(decodeURI(pathname)) ?? [];
  return {
    upstream,
    path,
    expires: searchParams.get('X-Amz-Expires') ?? '',
    signature: searchParams.get('X-Amz-Signature') ?? '',
  };
}
