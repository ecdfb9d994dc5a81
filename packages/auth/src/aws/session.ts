import type { Secret } from '@teleport-plugins/secrets';

import type { ClientSettings } from './connection.js';
import type { AwsCredentials } from './credentials.js';
import type { AwsEndpoints } from './endpoints.js';
import type { PolicyDocument } from './policy.js';
import type { CallerIdentity } from './sts.js';

export interface AwsIdentity extends CallerIdentity {
  /** The ARN of whose credentials were found: the same, unless a role has been assumed with them. */
  readonly caller: string;
  /** The ARN of the role, when it acts as the one that was asked for. */
  readonly role: string | undefined;
  /** When its credentials run out; they are renewed before that. */
  readonly expiresAt: Date | undefined;
  /** What people should know: that the session is shorter than asked for, or has more rights. */
  readonly notes: readonly string[];
}

/** Somebody who acts in AWS: the caller, or a role that the caller assumes. */
export interface AwsSession {
  /**
   * For a client of the SDK, as it is. The role is assumed when they are first asked for, once for all
   * who ask, and again five minutes before they run out.
   */
  readonly credentials: () => Promise<AwsCredentials>;
  /** Who acts. Throws `account-wrong` for one in another account than asked for. */
  identity(signal?: AbortSignal): Promise<AwsIdentity>;
  /** What a client of the SDK is made with beside region and credentials. */
  settings(service: keyof AwsEndpoints): Promise<ClientSettings>;
  /**
   * Does something as this identity, with clients that have its `credentials`; once more with new ones
   * when these have expired before their time. What fails is told as an AuthError: who did what.
   */
  perform<T>(deed: SessionDeed, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Tells sessions with other rights apart, for caches. No secret. */
  key(signal?: AbortSignal): Promise<string>;
}

export interface SessionDeed {
  /** IAM's name for it: `ecr:GetAuthorizationToken`. */
  readonly action: string;
  /** What it is done to: an ARN or a registry. */
  readonly resource: string;
  /** What to do when it is not allowed. */
  readonly grant?: string;
}

export interface AwsSessionOptions {
  /** Default: the caller's own credentials. */
  readonly role?: AssumedRole | undefined;
  /**
   * The environment's account, 12 digits: a caller or a role in another one is refused before anything but
   * who it is has been asked with its credentials. Where callers come from other accounts, leave it out:
   * the role's ARN names the account all the same.
   */
  readonly account?: string | undefined;
  /** Takes away what the step does not need. Only with a role. */
  readonly policy?: PolicyDocument | undefined;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface AssumedRole {
  readonly arn: string;
  /** See `sessionName`. */
  readonly sessionName: string;
  /** 900 to 43200. Default: 3600. */
  readonly durationSeconds?: number | undefined;
  readonly externalId?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Without a code, assuming it throws `mfa-needed`. */
  readonly mfa?: { readonly serialNumber: string; readonly code?: Secret | undefined } | undefined;
}
