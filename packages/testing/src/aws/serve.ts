import { onTestFinished } from 'vitest';

import { callLog, type AwsCalls } from './calls.js';
import { distributionsOf } from './cloudfront/distributions.js';
import { answerApi } from './control-plane.js';
import { registriesOf } from './ecr/registries.js';
import { registryTokens } from './ecr/tokens.js';
import { misbehaviours, type Misbehaviour } from './misbehaviour.js';
import type { AwsCredentials, AwsOptions } from './options.js';
import type { PolicyDocument } from './policy.js';
import { principalsOf, refusalOf } from './principals.js';
import { serveRegistries } from './registry/serve.js';
import { listen } from './server.js';
import { ssoTokens, type SsoUser } from './sso/tokens.js';
import { identityProvider, type IdentityClaims } from './sts/identity-provider.js';
import type { World } from './world.js';

/** Amazon's services, as far as a release needs them, on loopback. */
export interface Aws {
  /** `http://127.0.0.1:port` of all APIs: for AWS_ENDPOINT_URL, and for AWS_ENDPOINT_URL_SSO. */
  readonly endpoint: string;
  /** Where the images of an account are in a region; one of the `privateRegistries`. */
  privateRegistry(account: string, region: string): { readonly host: string };
  /** The `publicRegistry`. */
  readonly publicRegistry: { readonly host: string };
  /** The paths of each invalidation of one of the `distributions` of CloudFront, in order. */
  invalidations(distributionId: string): readonly (readonly string[])[];
  /** What was asked, in order. */
  readonly calls: AwsCalls;
  /** The keys of a user, by ARN. */
  keysOf(userArn: string): AwsCredentials;
  /**
   * Keys of a new session of a role, as if somebody had assumed it before. Of one that is not among the `roles`
   * it may ask STS and nothing else.
   */
  sessionOf(roleArn: string, options?: OpenedSessionOptions): AwsCredentials;
  /** A token of a CI system's job, for AssumeRoleWithWebIdentity. */
  webIdentityToken(claims: Omit<IdentityClaims, 'exp'> & Partial<IdentityClaims>): string;
  /** An access token of IAM Identity Center, as `aws sso login` gets it. Default: for eight hours. */
  ssoAccessToken(user: SsoUser, options?: { readonly expiresAt?: Date }): string;
  /**
   * A password for the user AWS, good in a region of ECR or in ECR Public, with the rights of whom the
   * keys belong to: as GetAuthorizationToken gives it, without being asked for.
   */
  registryPassword(keys: AwsCredentials, registry: { readonly region: string } | 'public'): string;
  /** What an access key may do: for servers beside this one, that of S3 for example. */
  permits(
    accessKeyId: string,
    wish: { readonly action: string; readonly resource: string },
  ): 'unknown' | 'expired' | 'denied' | 'allowed';
  /** Answers wrongly from now on; gives what undoes it. */
  misbehave(rule: Misbehaviour): () => void;
  /** All registry tokens so far run out now. */
  expireTokens(): void;
  /** All temporary credentials so far run out now. */
  expireSessions(): void;
  /** All that was given out so far and nobody else may learn: keys, session tokens, registry tokens. */
  readonly secrets: readonly string[];
  /** May be called again. */
  close(): Promise<void>;
}

export interface OpenedSessionOptions {
  readonly name?: string;
  /** Default: in an hour. */
  readonly expiration?: Date;
  readonly policy?: PolicyDocument;
}

/** Serves AWS until the running test ends. */
export async function serveAws(options: AwsOptions = {}): Promise<Aws> {
  const aws = await startAws(options);
  onTestFinished(() => aws.close());
  return aws;
}

/** The same until it is closed. */
export async function startAws(options: AwsOptions = {}): Promise<Aws> {
  const { now = () => new Date() } = options;
  const principals = principalsOf(options, now);
  const world: World = {
    now,
    principals,
    identityProvider: identityProvider(),
    ssoTokens: ssoTokens(),
    registryTokens: registryTokens(now, options.passwordsWithColons ?? false),
    registries: registriesOf(options, now),
    distributions: distributionsOf(options.distributions ?? []),
    misbehaviours: misbehaviours(),
    log: callLog(),
  };
  const hours = (count: number) => new Date(now().getTime() + count * 3_600_000);
  const api = await listen((request, response) => answerApi(world, request, response));
  const registries = await serveRegistries(world, options);
  return {
    endpoint: `http://${api.host}`,
    privateRegistry: (account, region) => registries.at(`${account}/${region}`),
    get publicRegistry() {
      return registries.at('public');
    },
    invalidations: (id) => world.distributions.invalidations(id),
    calls: world.log.calls,
    keysOf: (userArn) => credentialsOf(principals.keysOf(userArn)),
    sessionOf: (roleArn, { name = 'session', expiration = hours(1), policy } = {}) =>
      credentialsOf(principals.openSession(roleArn, { name, expiration, policy })),
    webIdentityToken: (claims) =>
      world.identityProvider.token({ exp: Math.floor(hours(1).getTime() / 1000), ...claims }),
    ssoAccessToken: (user, { expiresAt = hours(8) } = {}) =>
      world.ssoTokens.signIn(user, expiresAt),
    registryPassword({ accessKeyId }, registry) {
      const audience =
        registry === 'public' ? 'public password' : (`ecr ${registry.region}` as const);
      const principal = principals.keys(accessKeyId)?.principal;
      return world.registryTokens.issue(principal, audience).text;
    },
    permits(accessKeyId, wish) {
      const keys = principals.keys(accessKeyId);
      if (keys === undefined) return 'unknown';
      if (keys.expiration !== undefined && keys.expiration <= now()) return 'expired';
      return refusalOf(keys.principal, wish) === undefined ? 'allowed' : 'denied';
    },
    misbehave: (rule) => world.misbehaviours.add(rule),
    expireTokens: () => world.registryTokens.expire(),
    expireSessions: () => principals.expireSessions(),
    get secrets() {
      return [...principals.secrets, ...world.registryTokens.secrets];
    },
    async close() {
      await api.close();
      await registries.close();
    },
  };
}

function credentialsOf({ accessKeyId, secretAccessKey, sessionToken, expiration }: AwsCredentials) {
  return {
    ...{ accessKeyId, secretAccessKey },
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration !== undefined && { expiration }),
  };
}
