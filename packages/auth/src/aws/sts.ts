import type {
  AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommandInput,
  STSClient,
} from '@aws-sdk/client-sts';

import { AuthError } from '../error.js';
import type { Connection } from './connection.js';
import type { AwsCredentials } from './credentials.js';

/** Who somebody is. */
export interface CallerIdentity {
  readonly arn: string;
  /** 12 digits. */
  readonly account: string;
  readonly userId: string;
}

/** A session of a role. */
export interface Assumed {
  readonly credentials: AwsCredentials & { readonly expiration: Date };
  readonly identity: CallerIdentity;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The calls of STS that a session needs. What they throw is the SDK's, or `answer-invalid`. */
export interface Sts {
  callerIdentity(credentials: AwsCredentials, options?: CallOptions): Promise<CallerIdentity>;
  assumeRole(
    credentials: AwsCredentials,
    input: AssumeRoleCommandInput,
    options?: CallOptions,
  ): Promise<Assumed>;
  assumeRoleWithWebIdentity(
    input: AssumeRoleWithWebIdentityCommandInput,
    options?: CallOptions,
  ): Promise<Assumed>;
}

export interface StsOptions {
  readonly connection: Connection;
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

export function openSts({ connection, region, profile }: StsOptions): Sts {
  const open = async (credentials?: AwsCredentials): Promise<STSClient> => {
    const sdk = await import('@aws-sdk/client-sts');
    return new sdk.STSClient({
      ...(await connection.settings('sts')),
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(credentials && { credentials }),
    });
  };
  const options = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
  const reading = async (action: string): Promise<Reading> => {
    const { endpoint } = await connection.settings('sts');
    return { action, server: endpoint === undefined ? 'the endpoint' : new URL(endpoint).host };
  };

  return {
    async callerIdentity(credentials, { signal } = {}) {
      const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const client = await open(credentials);
      const answer = await client.send(new GetCallerIdentityCommand({}), options(signal));
      const { Arn, Account, UserId } = answer;
      return identityOf(await reading('sts:GetCallerIdentity'), Arn, Account, UserId);
    },
    async assumeRole(credentials, input, { signal } = {}) {
      const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
      const client = await open(credentials);
      const answer = await client.send(new AssumeRoleCommand(input), options(signal));
      return assumedIn(await reading('sts:AssumeRole'), answer);
    },
    async assumeRoleWithWebIdentity(input, { signal } = {}) {
      const { AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts');
      const client = await open();
      const command = new AssumeRoleWithWebIdentityCommand(input);
      const answer = await client.send(command, options(signal));
      return assumedIn(await reading('sts:AssumeRoleWithWebIdentity'), answer);
    },
  };
}

/** Whose answer to what is read, for people. */
interface Reading {
  readonly action: string;
  readonly server: string;
}

interface AssumeRoleAnswer {
  readonly Credentials?:
    | {
        readonly AccessKeyId?: string | undefined;
        readonly SecretAccessKey?: string | undefined;
        readonly SessionToken?: string | undefined;
        readonly Expiration?: Date | undefined;
      }
    | undefined;
  readonly AssumedRoleUser?:
    { readonly Arn?: string | undefined; readonly AssumedRoleId?: string | undefined } | undefined;
}

function assumedIn(reading: Reading, answer: AssumeRoleAnswer): Assumed {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw incomplete(reading, 'credentials');
  if (!Expiration || Number.isNaN(Expiration.getTime())) throw incomplete(reading, 'Expiration');
  const { Arn, AssumedRoleId } = answer.AssumedRoleUser ?? {};
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    },
    identity: identityOf(reading, Arn, Arn?.split(':')[4], AssumedRoleId),
  };
}

function identityOf(reading: Reading, arn = '', account = '', userId = ''): CallerIdentity {
  // It stands in messages: nothing but what IAM allows in it.
  const isArn = /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\x21-\x7e]+$/.test(arn);
  if (!isArn) throw incomplete(reading, 'Arn');
  if (!/^\d{12}$/.test(account)) throw incomplete(reading, 'account');
  return { arn, account, userId };
}

function incomplete({ action, server }: Reading, what: string): AuthError {
  return new AuthError(
    'answer-invalid',
    `${action}: the answer has no ${what}; see what answers at ${server} (AWS_ENDPOINT_URL, proxies)`,
  );
}
