import { openAws } from '../aws/aws.js';
import { sessionName } from '../aws/session-name.js';
import type { AwsSession, AwsSessionOptions } from '../aws/session.js';
import { proxiesIn, variableIn } from '../aws/variables.js';
import { callerDigest } from '../cache/caller.js';
import type { TokenCache } from '../cache/token-cache.js';
import { requestToken } from '../ecr/request-token.js';
import type { EcrToken } from '../ecr/tokens.js';
import type { PlacesOptions } from './places.js';
import type { Registration } from './registration.js';

export interface RegisteredTokenOptions extends PlacesOptions {
  readonly cache: TokenCache;
  /** The name of the operating system's user, for the names of roles' sessions. */
  readonly user: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Who asks AWS. Default: a session of its own, as the registration says. */
  readonly session?: AwsSession | undefined;
  /** Asks AWS whatever is in the cache, which then has the new token. Default: false. */
  readonly renew?: boolean | undefined;
}

type Target = Omit<Registration, 'files'>;

/**
 * A token for a registry, as its registration says: from the cache, or else from AWS, for whoever the
 * environment and the files of the user say. One from the cache takes no network, and nothing of the SDK.
 *
 * Throws AuthError.
 */
export async function registeredToken(
  target: Target,
  options: RegisteredTokenOptions,
): Promise<EcrToken> {
  const { cache, now, signal } = options;
  const { registry, account, region, endpoints } = target;
  const variables = { ...options.variables, AWS_PROFILE: profileOf(target, options) };
  return cache.get(await registeredKey(target, options), {
    isStale: () => options.renew === true,
    signal,
    obtain: async (working) => {
      if (options.session) return requestToken(options.session, registry, working);
      const aws = openAws({ variables, region, endpoints, proxy: proxiesIn(variables), now });
      try {
        const session = aws.session({ account, role: roleOf(target, options) });
        return await requestToken(session, registry, working);
      } finally {
        await aws.close();
      }
    },
  });
}

/** What the token is kept under: all that decides whose it is, and what for. */
export async function registeredKey(
  target: Target,
  options: Pick<RegisteredTokenOptions, 'variables' | 'homeDirectory'>,
): Promise<string> {
  const { registry, account, role, region, endpoints } = target;
  const named = { ...options.variables, AWS_PROFILE: profileOf(target, options) };
  // What is registered goes before what the shell says.
  const counts = (name: string) => !endpoints || !name.startsWith('AWS_ENDPOINT_URL');
  const variables = Object.entries(named).filter(([name]) => counts(name));
  const caller = await callerDigest({ ...options, variables: Object.fromEntries(variables) });
  return JSON.stringify([registry, account, role, region, endpoints, caller]);
}

/** What the shell says, be it a profile or keys, goes before the profile at the time of the login. */
function profileOf(
  { profile }: Target,
  { variables }: Pick<RegisteredTokenOptions, 'variables'>,
): string | undefined {
  const hasKeys = variableIn(variables, 'AWS_ACCESS_KEY_ID') !== undefined;
  return variableIn(variables, 'AWS_PROFILE') ?? (hasKeys ? undefined : profile);
}

function roleOf(
  { role }: Target,
  options: Pick<RegisteredTokenOptions, 'variables' | 'user'>,
): AwsSessionOptions['role'] {
  if (role === undefined) return undefined;
  const name = sessionName(options);
  return {
    ...role,
    sessionName: name,
    sourceIdentity: role.sourceIdentity === true ? name : undefined,
  };
}
