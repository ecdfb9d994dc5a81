import type { IncomingMessage, ServerResponse } from 'node:http';

import { Secret } from '@teleport-plugins/secrets';
import { onTestFinished } from 'vitest';

import type { Credential, CredentialProvider } from '../../credential.js';
import { forward, front } from './front.js';

/** How a registry asks for credentials, and what it says when they have run out. */
interface Expiry {
  readonly scheme: 'basic' | 'bearer';
  readonly status: 400 | 401 | 403;
  readonly body: string;
  /** It does not wait for the rest of a request that it refuses. */
  readonly isHasty?: boolean;
}

type Kind = keyof typeof expiries;

/** What ECR says when a token has run out, and ECR Public. */
export const runOut = {
  ecr: denied('Your authorization token has expired. Reauthenticate and try again.'),
  ecrPublic: denied('Your Authorization Token is invalid.'),
} as const;

const expiries = {
  ECR: { scheme: 'basic', status: 403, body: runOut.ecr },
  'ECR in a hurry': { scheme: 'basic', status: 403, body: runOut.ecr, isHasty: true },
  'ECR Public': { scheme: 'bearer', status: 400, body: runOut.ecrPublic },
  'a registry with passwords': { scheme: 'basic', status: 401, body: '' },
  'a registry with tokens': { scheme: 'bearer', status: 401, body: '' },
} satisfies Readonly<Record<string, Expiry>>;

/** A guard before a registry whose credentials run out when they are told to. */
export interface ExpiringGuard {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Hands out the same credential until that one has been refused. */
  readonly credentials: CredentialProvider;
  /** What the provider was told each time it was asked: the password that was refused. */
  readonly asked: readonly (string | undefined)[];
  /** Requests so far, as `METHOD path`, those to the token server among them. */
  readonly log: readonly string[];
  /** Before that request (from 1) is looked at, all that has been handed out until then runs out. */
  expireBefore(request: number): void;
}

export async function expiringGuard(upstream: string, kind: Kind): Promise<ExpiringGuard> {
  const { scheme, status, body, isHasty = false }: Expiry = expiries[kind];
  const log: string[] = [];
  const asked: (string | undefined)[] = [];
  let expiring: number | undefined;
  /** Of passwords and tokens, the valid ones; a new password is handed out when there is none. */
  let generation = 1;
  let handedOut: Credential | undefined;

  const isPassword = (authorization: string | undefined): boolean =>
    authorization === `Basic ${Buffer.from(`AWS:password-${generation}`).toString('base64')}`;
  const isValid = (authorization: string | undefined): boolean =>
    scheme === 'basic' ? isPassword(authorization) : authorization === `Bearer token-${generation}`;

  const refuse = (request: IncomingMessage, response: ServerResponse): void => {
    const isAnonymous = request.headers.authorization === undefined;
    const challenge =
      scheme === 'basic'
        ? 'Basic realm="guard"'
        : `Bearer realm="http://${server.host}/token/",service="guard",scope="aws"`;
    const answer = () => {
      const isChallenge = isAnonymous || status === 401;
      response.writeHead(isChallenge ? 401 : status, {
        'content-type': 'application/json',
        ...(isChallenge && { 'www-authenticate': challenge }),
        ...(isHasty && { connection: 'close' }),
      });
      response.end(body);
    };
    if (isHasty) answer();
    else request.resume().on('end', answer);
  };

  const server = await front((request, response) => {
    const { method = '', url = '', headers } = request;
    log.push(`${method} ${url}`);
    if (log.length === expiring) generation += 1;
    if (url.startsWith('/token/')) {
      if (isPassword(headers.authorization)) {
        response.end(JSON.stringify({ token: `token-${generation}`, expires_in: 3600 }));
      } else response.writeHead(403).end(runOut.ecr);
    } else if (isValid(headers.authorization)) forward(upstream, request, response);
    else refuse(request, response);
  });
  onTestFinished(() => server.close());

  return {
    host: server.host,
    asked,
    log,
    credentials: (_registry, { refused } = {}) => {
      asked.push(refused?.kind === 'basic' ? refused.password.reveal() : undefined);
      if (handedOut === undefined || refused !== undefined) {
        const password = new Secret(`password-${generation}`);
        handedOut = { kind: 'basic', username: 'AWS', password };
      }
      return Promise.resolve(handedOut);
    },
    expireBefore(request) {
      expiring = request;
    },
  };
}

function denied(message: string): string {
  return JSON.stringify({ errors: [{ code: 'DENIED', message }] });
}
