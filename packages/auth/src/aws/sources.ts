import type {
  AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommandInput,
} from '@aws-sdk/client-sts';
import type { Secret } from '@teleport-plugins/secrets';

import { AuthError } from '../error.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { variableIn, type Variables } from './variables.js';
import type { Assumed, Sts } from './sts.js';

export interface SourceOptions {
  /** Which sources there may be; the environment of the process, which the SDK reads too. */
  readonly variables: Variables;
  readonly profile: string | undefined;
  /** For a profile with `mfa_serial`. */
  readonly mfaCode: Secret | undefined;
  readonly sts: Sts;
  readonly connection: Connection;
  /** What is never to be shown; what is found is added. */
  readonly secrets: Set<string>;
}

/**
 * The credentials that a person or CI has: of the environment, a profile (keys, SSO, `role_arn`,
 * `credential_process`), a web identity token file, a container or an instance, the first one first. The
 * sources are the SDK's own; they read the environment, files and home folder of the process.
 *
 * The order is that of the SDK's standard chain. That one itself is not used: it asks again without end
 * when credentials have expired by the clock of this machine.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export async function findCredentials(options: SourceOptions): Promise<AwsCredentials> {
  const { profile, secrets } = options;
  const action = `AWS credentials${profile === undefined ? '' : ` of the profile "${profile}"`}`;
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await firstOf(options);
    secrets.add(secretAccessKey).add(sessionToken ?? '');
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiration !== undefined && { expiration }),
    };
  } catch (error) {
    throw awsFailure(error, { action, profile }, secrets);
  }
}

async function firstOf(options: SourceOptions): Promise<AwsCredentials> {
  for (const source of await sourcesOf(options)) {
    try {
      return await source();
    } catch (error) {
      if (!isToSkip(error)) throw error;
    }
  }
  throw new Error('Could not load credentials from any providers');
}

/** Of an error of the SDK's: the source has none, and the next one is to be asked. */
function isToSkip(error: unknown): boolean {
  return (error as { tryNextLink?: unknown } | null)?.tryNextLink === true;
}

async function sourcesOf(
  options: SourceOptions,
): Promise<readonly (() => Promise<AwsCredentials>)[]> {
  const { variables, profile, connection } = options;
  const sdk = await import('@aws-sdk/credential-providers');
  const { requestHandler, retryStrategy } = await connection.settings('sts');
  const init = {
    ...(profile !== undefined && { profile }),
    ...assumers(options),
    clientConfig: { requestHandler, retryStrategy },
  };
  const isContainer =
    variableIn(variables, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') !== undefined ||
    variableIn(variables, 'AWS_CONTAINER_CREDENTIALS_FULL_URI') !== undefined;
  const noInstance = variableIn(variables, 'AWS_EC2_METADATA_DISABLED') ?? 'false';
  return [
    ...(profile === undefined ? [sdk.fromEnv()] : []),
    sdk.fromIni(init),
    sdk.fromTokenFile(init),
    ...(isContainer ? [sdk.fromHttp(), sdk.fromContainerMetadata()] : []),
    ...(isContainer || noInstance !== 'false' ? [] : [sdk.fromInstanceMetadata()]),
  ];
}

/** How the SDK's sources assume a role: with our endpoints, time limits and messages. */
function assumers({ sts, mfaCode, secrets, profile }: SourceOptions) {
  const assumed = async (action: string, resource: string | undefined, ask: Promise<Assumed>) => {
    try {
      return (await ask).credentials;
    } catch (error) {
      const grant =
        "the trust policy of the role must allow it to the caller, and so must the caller's own policies";
      const deed = { action, resource, caller: callerOf(profile), profile, grant };
      throw awsFailure(error, deed, secrets);
    }
  };
  return {
    mfaCodeProvider: (serial: string) => {
      if (mfaCode) return Promise.resolve(mfaCode.reveal());
      throw new AuthError(
        'mfa-needed',
        `AWS credentials of the profile "${profile ?? 'default'}": a code of the multi-factor device ${serial} is needed; give one with --mfa-code`,
      );
    },
    roleAssumer: (source: AwsCredentials, input: AssumeRoleCommandInput) => {
      secrets.add(source.secretAccessKey).add(source.sessionToken ?? '');
      return assumed('sts:AssumeRole', input.RoleArn, sts.assumeRole(source, input));
    },
    roleAssumerWithWebIdentity: (input: AssumeRoleWithWebIdentityCommandInput) => {
      // A file ends with a line break, which is no part of the token.
      const token = (input.WebIdentityToken ?? '').trim();
      secrets.add(token);
      const asked = sts.assumeRoleWithWebIdentity({ ...input, WebIdentityToken: token });
      return assumed('sts:AssumeRoleWithWebIdentity', input.RoleArn, asked);
    },
  };
}

/** Who somebody is as long as AWS has not said it. */
export function callerOf(profile: string | undefined): string | undefined {
  return profile === undefined ? undefined : `the profile "${profile}"`;
}
