import type {
  AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommandInput,
} from '@aws-sdk/client-sts';
import type { Secret } from '@teleport-plugins/secrets';

import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { mfaNeeded } from './mfa.js';
import type { Assumed, Sts } from './sts.js';

export interface SourceOptions {
  readonly profile: string | undefined;
  /** For a profile with `mfa_serial`. */
  readonly mfaCode: Secret | undefined;
  /** What to do when there is none. */
  readonly mfaAdvice: string;
  /** Of roles that are assumed on the way, where nobody has given one. */
  readonly sessionName: string;
  readonly sts: Sts;
  readonly connection: Connection;
  /** What is never to be shown; what is found is added. */
  readonly secrets: Set<string>;
}

/**
 * The credentials that a person or CI has, found by the SDK's standard chain: of the environment, a
 * profile (keys, SSO, `role_arn`, `credential_process`), a web identity token file, a container or an
 * instance, the first one first. It reads the environment, the files and the home folder of the process
 * itself. What it keeps is not used: each call looks anew.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * Throws AuthError.
 */
export async function findCredentials(options: SourceOptions): Promise<AwsCredentials> {
  const { profile, connection, secrets } = options;
  const action = `AWS credentials${profile === undefined ? '' : ` of the profile "${profile}"`}`;
  const sdk = await import('@aws-sdk/credential-providers');
  try {
    const { requestHandler, retryStrategy } = await connection.settings('sts');
    const find = sdk.fromNodeProviderChain({
      ...(profile !== undefined && { profile }),
      ...assumers(options),
      clientConfig: { requestHandler, retryStrategy },
      logger: silent,
    });
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await find();
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

/** Without it the SDK writes to the console, of keys beside a profile for one. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** How the SDK's sources assume a role: with our endpoints, time limits and messages. */
function assumers(options: SourceOptions) {
  const { sts, mfaCode, mfaAdvice, secrets, profile } = options;
  const named = <Input extends { RoleSessionName: string | undefined }>(input: Input): Input =>
    isMadeUp(input.RoleSessionName) ? { ...input, RoleSessionName: options.sessionName } : input;

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
      const subject = `AWS credentials of the profile "${profile ?? 'default'}"`;
      throw mfaNeeded(subject, serial, mfaAdvice);
    },
    roleAssumer: (source: AwsCredentials, input: AssumeRoleCommandInput) => {
      secrets.add(source.secretAccessKey).add(source.sessionToken ?? '');
      return assumed('sts:AssumeRole', input.RoleArn, sts.assumeRole(source, named(input)));
    },
    roleAssumerWithWebIdentity: (input: AssumeRoleWithWebIdentityCommandInput) => {
      // A file ends with a line break, which is no part of the token.
      const token = (input.WebIdentityToken ?? '').trim();
      secrets.add(token);
      const asked = sts.assumeRoleWithWebIdentity({ ...named(input), WebIdentityToken: token });
      return assumed('sts:AssumeRoleWithWebIdentity', input.RoleArn, asked);
    },
  };
}

/** By the SDK, of the time: CloudTrail should say who it was. */
function isMadeUp(sessionName = ''): boolean {
  return /^(?:aws-sdk-js-(?:session-)?\d+)?$/.test(sessionName);
}

/** Who somebody is as long as AWS has not said it. */
export function callerOf(profile: string | undefined): string | undefined {
  return profile === undefined ? undefined : `the profile "${profile}"`;
}
