import { assumedRole } from '../aws/assumed-role.js';
import { openAws } from '../aws/aws.js';
import type { AwsSession } from '../aws/session.js';
import { proxiesIn, variableIn } from '../aws/variables.js';
import { callerDigest } from '../cache/caller.js';
import type { TokenCache } from '../cache/token-cache.js';
import { requestToken } from '../ecr/request-token.js';
import type { EcrToken } from '../ecr/request-token.js';
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
      const proxy = proxiesIn(variables);
      const { user } = options;
      const mfaAdvice = `run \`${loginCommand(target)} --mfa-code …\``;
      const aws = openAws({ variables, region, endpoints, proxy, now, user, mfaAdvice });
      try {
        const role = target.role && assumedRole(target.role, options);
        const session = aws.session({ account, role });
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

/** What makes the same registration again: docker has no way to hand on a code. */
function loginCommand({ environment, login }: Target): string {
  const { registry = 'both', access = 'read' } = login ?? {};
  return [
    `npx nx run release:login -c ${environment}`,
    ...(registry === 'both' ? [] : [`--registry ${registry}`]),
    ...(access === 'read' ? [] : [`--access ${access}`]),
  ].join(' ');
}
