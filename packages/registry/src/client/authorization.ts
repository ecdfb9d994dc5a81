import type { Secret } from '@teleport-plugins/secrets';

import type { Credential, CredentialProvider } from '../credential.js';
import { parseChallenges, type Challenge } from './challenge.js';
import { shared, type Clock } from './clock.js';
import { areOfRepositories, covers, union, type Scope } from './scope.js';
import { failed, type Task } from './task.js';
import { tokenCache } from './token-cache.js';
import { basicAuthorization, bearerAuthorization, requestToken } from './token.js';
import type { HttpResponse } from './response.js';
import type { Transport } from './transport.js';

/** What one registry is sent in the header Authorization. */
export interface Authorization {
  /** The header's value for a request; `undefined` as long as the registry has not asked for any. */
  headerFor(
    scopes: readonly Scope[],
    task: Task,
    signal: AbortSignal | undefined,
  ): Promise<Secret | undefined>;
  /** A request with this header was not refused. */
  accepted(header: Secret): void;
  /**
   * Takes in the refusal (401) of a request that was sent with this header. Says whether it is worth
   * sending it with the next header.
   */
  refused(response: HttpResponse, scopes: readonly Scope[], header: Secret | undefined): boolean;
  /** Whether it is known what the registry asks for. */
  readonly isKnown: boolean;
}

export interface AuthorizationOptions {
  /** The registry's `host[:port]`, as the provider knows it. */
  readonly host: string;
  readonly registry: URL;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly credentials?: CredentialProvider | undefined;
  /** `WWW-Authenticate` of the registry, where it is known before it answers. */
  readonly challenge?: string | undefined;
  /** Ends what several requests wait for. */
  readonly closing: AbortSignal;
}

export function authorizationOf(options: AuthorizationOptions): Authorization {
  const { host, registry, transport, clock, credentials, closing } = options;
  const tokens = tokenCache(clock);
  const asked = askedScopes();
  let challenge = usable(options.challenge === undefined ? [] : [options.challenge]);
  let basic: BasicHeader | undefined;
  const proven = new WeakSet<Secret>();

  const credential = async () => credentials?.(host, { signal: closing });

  const basicHeader = (task: Task): Promise<Secret> => {
    if (basic) return basic.pending;
    const pending = credential().then((found) => basicOf(found, task, registry));
    const entry: BasicHeader = { pending };
    basic = entry;
    pending.then(
      (header) => {
        entry.header = header;
      },
      () => {
        if (basic === entry) basic = undefined;
      },
    );
    return pending;
  };

  const token = async (wanted: Challenge, scopes: readonly Scope[], task: Task) => {
    const found = await credential();
    if (found?.kind === 'bearer') {
      const header = bearerAuthorization(found.token.reveal());
      if (header) return { header, lifetime: Infinity };
      throw failed('unauthorized', task, registry, 'cannot be given a token with spaces in it');
    }
    const details = { task, registry, challenge: wanted, scopes, credential: found };
    return requestToken(transport, { ...details, signal: closing });
  };

  return {
    get isKnown() {
      return challenge !== undefined;
    },
    async headerFor(scopes, task, signal) {
      const known = challenge;
      if (known === undefined) return undefined;
      if (known.scheme === 'basic') return shared(basicHeader(task), signal);
      const wanted = asked.for(scopes);
      return tokens.get(wanted, () => token(known, wanted, task), signal);
    },
    accepted(header) {
      proven.add(header);
    },
    refused(response, scopes, header) {
      const next = usable(response.headers('www-authenticate'));
      challenge = next ?? challenge;
      const isNews = asked.learn(scopes, challenge?.parameters.get('scope'));
      if (header === undefined) return next !== undefined;
      if (basic?.header === header) basic = undefined;
      // A token that never served: another one for the same scopes would not either.
      else if (!proven.has(header) && !isNews) return false;
      tokens.forget(header);
      return true;
    },
  };
}

interface BasicHeader {
  readonly pending: Promise<Secret>;
  /** When it is there. */
  header?: Secret;
}

/** Bearer before Basic, as others do it; a Bearer challenge without a realm is none. */
function usable(headers: readonly string[]): Challenge | undefined {
  const challenges = parseChallenges(headers);
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  );
}

function basicOf(credential: Credential | undefined, task: Task, registry: URL): Secret {
  if (credential?.kind === 'basic') return basicAuthorization(credential, task, registry);
  const what = 'asks for a user name and password';
  const next = credential
    ? `the credential for ${task.registry} is a token`
    : `log in: there is no credential for ${task.registry}`;
  throw failed('unauthorized', task, registry, what, next);
}

/**
 * The scopes that the registry says it wants, beside those that we know of: a registry may call its
 * repositories otherwise than its addresses do, or have one scope for everything.
 */
function askedScopes() {
  const extra = new Map<string, readonly Scope[]>();
  let common: readonly Scope[] | undefined;
  const wantedFor = (scopes: readonly Scope[]) =>
    common ?? union(scopes, extra.get(scopes.join(' ')) ?? []);
  return {
    for: wantedFor,
    /** Whether anything more is wanted now than before. */
    learn(scopes: readonly Scope[], asked: string | undefined): boolean {
      const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '');
      if (covers(wantedFor(scopes), wanted)) return false;
      if (areOfRepositories(wanted)) extra.set(scopes.join(' '), wanted);
      else common = wanted;
      return true;
    },
  };
}
