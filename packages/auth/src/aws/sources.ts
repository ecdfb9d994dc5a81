import type { Secret } from '@teleport-plugins/secrets';

import { AuthError } from '../error.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { variableIn, type Variables } from './variables.js';
import type { Sts } from './sts.js';

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
  const action = `AWS credentials${profile ? ` of profile "${profile}"` : ''}`;
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
  return {
    mfaCodeProvider: (serial: string) => {
      if (mfaCode) return Promise.resolve(mfaCode.reveal());
      throw new AuthError(
        'mfa-needed',
        `the profile ${profile ?? 'default'} needs a code of the multi-factor device ${serial}; give one with --mfa-code`,
      );
    },
    roleAssumer: async (source: AwsCredentials, input: { readonly RoleArn: string }) => {
      secrets.add(source.secretAccessKey).add(source.sessionToken ?? '');
      const { RoleArn: resource } = input;
      try {
        return (await sts.assumeRole(source, input as never)).credentials;
      } catch (error) {
        throw awsFailure(error, { action: 'sts:AssumeRole', resource, profile }, secrets);
      }
    },
    roleAssumerWithWebIdentity: async (input: {
      readonly RoleArn: string;
      readonly RoleSessionName: string;
      readonly WebIdentityToken: string;
    }) => {
      // A file ends with a line break; a token has none.
      const WebIdentityToken = input.WebIdentityToken.trim();
      secrets.add(WebIdentityToken);
      const { RoleArn: resource } = input;
      const action = 'sts:AssumeRoleWithWebIdentity';
      try {
        return (await sts.assumeRoleWithWebIdentity({ ...input, WebIdentityToken })).credentials;
      } catch (error) {
        throw awsFailure(error, { action, resource, profile }, secrets);
      }
    },
  };
}
