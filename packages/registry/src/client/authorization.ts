import type { Secret } from '@teleport-plugins/secrets';

import type { Credential, CredentialProvider } from '../credential.js';
import { askedScopes } from './asked-scopes.js';
import { parseChallenges, type Challenge } from './challenge.js';
import { shared, type Clock } from './clock.js';
import { credentialSource, type Given } from './credential-source.js';
import type { Scope } from './scope.js';
import { failed, type Task } from './task.js';
import { tokenCache } from './token-cache.js';
import {
  basicAuthorization,
  bearerAuthorization,
  isCredentialRefusal,
  requestToken,
  type Token,
} from './token.js';
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
  /** A request with this header was served. */
  accepted(header: Secret): void;
  /**
   * Takes in that a request with this header was refused: 401, or an answer that its token has run out. Says
   * whether it is worth sending it with the next header.
   */
  refused(
    response: HttpResponse,
    request: { readonly scopes: readonly Scope[]; readonly signal?: AbortSignal | undefined },
    header: Secret | undefined,
  ): Promise<boolean>;
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
  const source = credentialSource({ host, credentials, clock, closing });
  const tokens = tokenCache(clock);
  const asked = askedScopes();
  let challenge = usable(options.challenge === undefined ? [] : [options.challenge]);
  let basic: BasicHeader | undefined;
  /** What each header was made from. */
  const origins = new WeakMap<Secret, Given>();
  const proven = new WeakSet<Secret>();

  const basicHeader = (task: Task): Promise<Secret> => {
    if (basic) return basic.pending;
    const pending = source.get().then((given) => {
      const header = basicOf(given.credential, task, registry);
      origins.set(header, given);
      return header;
    });
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

  const tokenFrom = async (given: Given, ...[wanted, scopes, task]: Wanted): Promise<Token> => {
    const { credential } = given;
    const token =
      credential?.kind === 'bearer'
        ? { header: readyMade(credential, task, registry), lifetime: Infinity }
        : await requestToken(transport, {
            ...{ task, registry, challenge: wanted, scopes, credential },
            signal: closing,
          });
    origins.set(token.header, given);
    return token;
  };

  const token = async (...wanted: Wanted): Promise<Token> => {
    const given = await source.get();
    try {
      return await tokenFrom(given, ...wanted);
    } catch (error) {
      const next = isCredentialRefusal(error) ? await source.another(given) : undefined;
      if (next === undefined) throw error;
      return tokenFrom(next, ...wanted);
    }
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
    async refused(response, { scopes, signal }, header) {
      const next = usable(response.headers('www-authenticate'));
      challenge = next ?? challenge;
      const isNews = asked.learn(scopes, challenge?.parameters.get('scope'));
      if (header === undefined) return next !== undefined;
      const isInUse = () => basic?.header === header || tokens.has(header);
      // Of those who were refused the same one at the same time, the first has seen to it.
      if (!isInUse()) return true;
      const given = origins.get(header);
      if (given !== undefined && !isNews) {
        if (proven.has(header)) source.refuse(given);
        // What never served: another token would not either, unless it is from another credential.
        else if ((await shared(source.another(given), signal)) === undefined) return false;
      }
      if (basic?.header === header) basic = undefined;
      // Others from the same credential have run out with it, unless it was only about the scopes of this one.
      tokens.forget((each) => each === header || (!isNews && origins.get(each) === given));
      return true;
    },
  };
}

type Wanted = readonly [challenge: Challenge, scopes: readonly Scope[], task: Task];

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

function readyMade(
  credential: Credential & { readonly kind: 'bearer' },
  task: Task,
  registry: URL,
): Secret {
  const header = bearerAuthorization(credential.token.reveal());
  if (header) return header;
  throw failed('unauthorized', task, registry, 'cannot be given a token with spaces in it');
}
