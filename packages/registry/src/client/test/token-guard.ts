import type { IncomingMessage, ServerResponse } from 'node:http';

import { forward, front, type Front } from './front.js';

/**
 * Stands before a registry and lets through who has a token for what the request needs, as the specification
 * has it; gives out such tokens for `ann` with the password `secret`. A token is good for ten requests.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export async function tokenGuard(upstream: string): Promise<Front> {
  const tokens = new Map<string, { readonly scopes: readonly string[]; uses: number }>();
  let host = '';

  const issue = (url: URL, request: IncomingMessage, response: ServerResponse): void => {
    const expected = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
    if (request.headers.authorization !== expected) {
      response.writeHead(401).end();
      return;
    }
    const token = `token${tokens.size}`;
    tokens.set(token, { scopes: url.searchParams.getAll('scope'), uses: 10 });
    response.end(JSON.stringify({ token, expires_in: 300 }));
  };

  const guard = (url: URL, request: IncomingMessage, response: ServerResponse): void => {
    const needed = neededBy(request.method ?? '', url);
    const token = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    const isAllowed = needed.every(({ repository, action }) =>
      token?.scopes.some((scope) => {
        const [, granted, actions = ''] = scope.split(':');
        return granted === repository && actions.split(',').includes(action);
      }),
    );
    if (!token || !isAllowed || token.uses === 0) {
      const scope = needed.map(({ repository, action }) => `repository:${repository}:${action}`);
      const challenge = `Bearer realm="http://${host}/token",service="guard",scope="${scope.join(' ')}"`;
      response.writeHead(401, { 'www-authenticate': challenge, connection: 'close' }).end();
      return;
    }
    token.uses -= 1;
    forward(upstream, request, response);
  };

  const server = await front((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    (url.pathname === '/token' ? issue : guard)(url, request, response);
  });
  host = server.host;
  return server;
}

function neededBy(method: string, url: URL): readonly { repository: string; action: string }[] {
  const repository =
    /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname)?.[1] ?? '';
  const isRead = method === 'GET' || method === 'HEAD';
  const from = url.searchParams.get('from');
  return [
    { repository, action: 'pull' },
    ...(isRead ? [] : [{ repository, action: 'push' }]),
    ...(from === null ? [] : [{ repository: from, action: 'pull' }]),
  ];
}
