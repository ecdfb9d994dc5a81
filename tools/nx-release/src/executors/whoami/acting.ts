import type { AwsSession } from '@teleport-plugins/auth';

/** Who acts in AWS, by which right, and for how long. */
export interface Acting {
  /** The ARN that acts. */
  readonly identity: string;
  /** The ARN of whose credentials were found. */
  readonly caller: string;
  /** Twelve digits. */
  readonly account: string;
  /** The role that is assumed, or that the caller is a session of already. */
  readonly assumedRole?: string;
  /** When its credentials run out, in ISO 8601; `never`, or `unknown` of a session that does not say. */
  readonly expires: string;
}

export async function actingIn(session: AwsSession, signal: AbortSignal): Promise<Acting> {
  const { arn, caller, account, role, expiresAt } = await session.identity(signal);
  return {
    identity: arn,
    caller,
    account,
    ...(role !== undefined && { assumedRole: role }),
    expires: expiresAt?.toISOString() ?? (isSession(arn) ? 'unknown' : 'never'),
  };
}

/** Credentials of sessions always run out, but who sets them in variables may leave out when. */
function isSession(arn: string): boolean {
  return arn.split(':')[2] === 'sts';
}
