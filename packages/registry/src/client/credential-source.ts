import type { Credential, CredentialProvider } from '../credential.js';
import type { Clock } from './clock.js';

/** An answer of the provider. As long as that says the same, it is the same object. */
export interface Given {
  readonly credential: Credential | undefined;
  /** When it came in place of one that was refused, on the clock; long ago for all others. */
  readonly replaced: number;
}

/** Whoever is asked for the credential of one registry. */
export interface CredentialSource {
  /** Asks the provider, once for all who ask at the same time; tells it what has been refused since the last time. */
  get(): Promise<Given>;
  /**
   * Takes in that the registry or its token server refused this one. What has only just come in place of
   * another is not to blame: no two are asked for within a minute.
   */
  refuse(given: Given): void;
  /** The same, and then another one, where there is one. */
  another(given: Given): Promise<Given | undefined>;
}

export interface CredentialSourceOptions {
  /** The registry's `host[:port]`, as the provider knows it. */
  readonly host: string;
  readonly credentials: CredentialProvider | undefined;
  readonly clock: Clock;
  /** Ends what several requests wait for. */
  readonly closing: AbortSignal;
}

/** For so long, in milliseconds, what came in place of another serves whatever happens to it. */
const trust = 60_000;

export function credentialSource(options: CredentialSourceOptions): CredentialSource {
  const { host, credentials, clock, closing } = options;
  let last: Given | undefined;
  /** As it was handed out last: providers may know their own by identity. */
  let newest: Credential | undefined;
  /** To be told to the provider. */
  let refused: Credential | undefined;
  let asking:
    { readonly refused: Credential | undefined; readonly answer: Promise<Given> } | undefined;

  const isTrusted = ({ replaced }: Given) => clock.now() - replaced < trust;

  const ask = async (told: Credential | undefined): Promise<Given> => {
    const credential = await credentials?.(host, {
      signal: closing,
      ...(told !== undefined && { refused: told }),
    });
    newest = credential;
    // Not earlier: a provider that fails is told again.
    if (refused === told) refused = undefined;
    if (told !== undefined) last = { credential, replaced: clock.now() };
    else if (last === undefined || !isSame(credential, last.credential)) {
      last = { credential, replaced: -Infinity };
    }
    return last;
  };

  const get = (): Promise<Given> => {
    if (last !== undefined && isTrusted(last)) return Promise.resolve(last);
    if (asking !== undefined && asking.refused === refused) return asking.answer;
    const question = { refused, answer: ask(refused) };
    asking = question;
    const forget = () => {
      if (asking === question) asking = undefined;
    };
    question.answer.then(forget, forget);
    return question.answer;
  };

  const refuse = (given: Given): void => {
    if (given === last && !isTrusted(given)) refused = newest;
  };

  return {
    get,
    refuse,
    async another(given) {
      refuse(given);
      const next = given === last && refused === undefined ? given : await get();
      return isSame(next.credential, given.credential) ? undefined : next;
    },
  };
}

/** Whether the same is sent for both. */
function isSame(one: Credential | undefined, other: Credential | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind === 'basic') {
    return (
      other.kind === 'basic' &&
      one.username === other.username &&
      one.password.reveal() === other.password.reveal()
    );
  }
  return one.kind === other.kind && one.token.reveal() === other.token.reveal();
}
