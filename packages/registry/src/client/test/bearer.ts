import { complaint, json, type Answer, type Recorded, type Script } from './scripted-server.js';

/** A token server that gives out `token-1`, `token-2`, … and a registry that wants to see them. */
export interface TokenServer {
  /** The reply of the token endpoint. */
  readonly endpoint: Script;
  /** What each token was asked for with: scopes of a GET, or the form of a POST. */
  readonly asked: readonly URLSearchParams[];
  /** The Authorization headers that came with it. */
  readonly authorizations: readonly (string | undefined)[];
  /** A reply that needs a token that is still good. */
  guarded(answer: Answer | Script): Script;
  /** All tokens so far are no good any more. */
  revoke(): void;
}

export function tokenServer(
  realm: () => string,
  options: { expiresIn?: number; scope?: string } = {},
): TokenServer {
  const asked: URLSearchParams[] = [];
  const authorizations: (string | undefined)[] = [];
  const good = new Set<string>();
  const refuse = () => {
    const scope = options.scope === undefined ? '' : `,scope="${options.scope}"`;
    const answer = complaint(401, 'UNAUTHORIZED', 'authentication required');
    const challenge = `Bearer realm="${realm()}",service="test registry"${scope}`;
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } };
  };
  return {
    asked,
    authorizations,
    endpoint: async (_response, request, recorded) => {
      if (request.method === 'POST') await new Promise((resolve) => request.on('end', resolve));
      asked.push(queryOf(recorded));
      authorizations.push(recorded.headers.authorization);
      const token = `token-${asked.length}`;
      good.add(`Bearer ${token}`);
      return json({
        token,
        ...(options.expiresIn !== undefined && { expires_in: options.expiresIn }),
      });
    },
    guarded: (answer) => async (response, request, recorded) => {
      if (!good.has(recorded.headers.authorization ?? '')) return refuse();
      return typeof answer === 'function' ? answer(response, request, recorded) : answer;
    },
    revoke: () => {
      good.clear();
    },
  };
}

function queryOf({ method, url, body }: Recorded): URLSearchParams {
  return method === 'POST'
    ? new URLSearchParams(body.toString())
    : new URL(url, 'http://localhost').searchParams;
}
