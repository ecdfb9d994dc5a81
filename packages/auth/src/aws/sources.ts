import { assumers, type AssumerOptions } from './assumers.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { holderOf, sourceOf } from './source.js';
import { awsFiles, type Variables } from './variables.js';

export interface SourceOptions extends AssumerOptions {
  readonly variables: Variables;
  readonly connection: Connection;
}

/** Credentials, and who has them as far as is known without asking AWS: the profile "x", for people. */
export interface Found {
  readonly credentials: AwsCredentials;
  readonly source: string | undefined;
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
export async function findCredentials(options: SourceOptions): Promise<Found> {
  const { profile, connection, secrets, variables } = options;
  const sdk = await import('@aws-sdk/credential-providers');
  const { requestHandler, retryStrategy } = await connection.settings('sts');
  const init = {
    ...(profile !== undefined && { profile }),
    ...assumers(options),
    clientConfig: { requestHandler, retryStrategy },
    logger: silent,
  };
  try {
    const found = await sdk.fromNodeProviderChain(init)();
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = found;
    secrets.add(secretAccessKey).add(sessionToken ?? '');
    const credentials = {
      ...{ accessKeyId, secretAccessKey },
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiration !== undefined && { expiration }),
    };
    return { credentials, source: sourceOf(found, profile) };
  } catch (error) {
    // The chain goes on where a profile fails, and says at its end only that it is there.
    const broken = isEnd(error) ? await faultOf(sdk.fromIni(init), profile) : undefined;
    const isOfProfile = profile !== undefined || broken !== undefined;
    const action = `AWS credentials${isOfProfile ? ` of ${holderOf(profile)}` : ''}`;
    throw awsFailure(broken ?? error, { action, profile, files: awsFiles(variables) }, secrets);
  }
}

/** Without it the SDK writes to the console, of keys beside a profile for one. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function isEnd(error: unknown): boolean {
  return messageOf(error).startsWith('Could not load credentials from any providers');
}

/** Why the profile gives none; `undefined` where nobody has named one, and there is none by default. */
async function faultOf(find: () => Promise<unknown>, profile: string | undefined) {
  try {
    await find();
    return undefined;
  } catch (error) {
    const isAbsent = messageOf(error).startsWith(
      'Could not resolve credentials using profile: [default]',
    );
    return profile === undefined && isAbsent ? undefined : error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
