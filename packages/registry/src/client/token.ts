import { Secret } from '@teleport-plugins/secrets';

import type { Credential } from '../credential.js';
import { RegistryError } from '../error.js';
import { isTrustedRealm, shown } from './address.js';
import { readJson, refusal } from './answer.js';
import type { Challenge } from './challenge.js';
import { followed } from './redirect.js';
import type { Scope } from './scope.js';
import { failed, type Task } from './task.js';
import type { HttpResponse } from './response.js';
import type { HttpRequest, Transport } from './transport.js';

export interface Token {
  /** The value of the Authorization header. */
  readonly header: Secret;
  /** In milliseconds from now. */
  readonly lifetime: number;
}

export interface TokenRequest {
  readonly task: Task;
  /** The registry that asked for it. */
  readonly registry: URL;
  readonly challenge: Challenge;
  readonly scopes: readonly Scope[];
  readonly credential: Credential | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks the token server that the registry named for a token: with GET, anonymously or with a user name
 * and password; with an identity token, with POST.
 * https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/
 */
export async function requestToken(transport: Transport, wanted: TokenRequest): Promise<Token> {
  const { task, registry, challenge, credential } = wanted;
  const realm = realmOf(challenge, registry, task);
  const request = tokenRequest(realm, wanted);
  const response =
    request.method === 'GET' ? await followed(transport, request) : await transport.send(request);
  try {
    if (response.status !== 200) {
      const isRefused = refusals.has(response.status);
      const next = credential
        ? 'log in again, or check the credential'
        : `log in: there is no credential for ${task.registry}`;
      throw await refusal(task, response, {
        code: 'unauthorized',
        next: isRefused ? next : undefined,
        secret: credential?.kind === 'basic' ? credential.password : credential?.token,
      });
    }
    return await readToken(task, response);
  } finally {
    await response.discard();
  }
}

/** Whether this is a token server's answer to a credential that it does not accept. */
export function isCredentialRefusal(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    error.code === 'unauthorized' &&
    error.status !== undefined &&
    refusals.has(error.status)
  );
}

/** OAuth 2 says 400. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403]);

const bodyLimit = 1024 * 1024;

/** What the specification gives a token that does not say how long it lives, in seconds. */
const defaultLifetime = 60;

function realmOf({ parameters }: Challenge, registry: URL, task: Task): URL {
  const text = parameters.get('realm') ?? '';
  if (!URL.canParse(text)) {
    throw failed('garbage', task, registry, 'asks for a token without saying where to get one');
  }
  const realm = new URL(text);
  realm.username = '';
  realm.password = '';
  realm.hash = '';
  if (isTrustedRealm(realm, registry)) return realm;
  throw failed(
    'unsafe-address',
    task,
    registry,
    `sends for a token to ${shown(realm)}, which gets no credential of ${task.registry}`,
    'a token server must be on https, or be the registry itself',
  );
}

function tokenRequest(realm: URL, wanted: TokenRequest): HttpRequest {
  const { task, challenge, scopes, credential, signal } = wanted;
  const service = challenge.parameters.get('service');
  if (credential?.kind === 'identity') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      ...(service !== undefined && { service }),
      scope: scopes.join(' '),
      client_id: 'teleport-plugins',
      refresh_token: credential.token.reveal(),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from(form.toString());
    return { task, method: 'POST', url: realm, headers, body, signal };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers: Record<string, string> =
    credential?.kind === 'basic'
      ? { authorization: basicAuthorization(credential, task, url).reveal() }
      : {};
  return { task, method: 'GET', url, headers, signal };
}

/** The header for a user name and password. https://datatracker.ietf.org/doc/html/rfc7617 */
export function basicAuthorization(
  { username, password }: Credential & { readonly kind: 'basic' },
  task: Task,
  url: URL,
): Secret {
  if (username.includes(':')) {
    throw failed('unauthorized', task, url, 'cannot be given a user name with a colon');
  }
  const pair = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
  return new Secret(`Basic ${pair}`);
}

/** The header for a token. */
export function bearerAuthorization(token: string): Secret | undefined {
  // https://datatracker.ietf.org/doc/html/rfc6750#section-2.1; a line break would be another header.
  return /^[\x21-\x7e]+$/.test(token) ? new Secret(`Bearer ${token}`) : undefined;
}

async function readToken(task: Task, response: HttpResponse): Promise<Token> {
  const { token, access_token, expires_in } = await readJson(task, response, bodyLimit);
  const text = token ?? access_token;
  const header = typeof text === 'string' ? bearerAuthorization(text) : undefined;
  if (header === undefined) throw failed('garbage', task, response.url, 'answered without a token');
  const isLifetime = typeof expires_in === 'number' && expires_in > 0;
  return { header, lifetime: 1000 * (isLifetime ? expires_in : defaultLifetime) };
}
