import { AuthError } from '../error.js';
import { readSdkError } from './sdk-error.js';
import { ruleFor } from './failure-rules.js';

/** What was being done when something failed. */
export interface Deed {
  /** IAM's name for it: `sts:AssumeRole`. */
  readonly action: string;
  /** What it was done to: an ARN or a registry. */
  readonly resource?: string | undefined;
  /** Who did it: an ARN, when it is known. */
  readonly caller?: string | undefined;
  /** What would make it allowed. Default: a permission for the action. */
  readonly grant?: string | undefined;
  /** The profile whose credentials were used. */
  readonly profile?: string | undefined;
}

/**
 * What to throw for an error of the SDK: who did what to what, why it failed, and the next act. AWS's own
 * message is kept as the cause, without `secrets`. An AuthError stays as it is.
 */
export function awsFailure(error: unknown, deed: Deed, secrets: ReadonlySet<string>): AuthError {
  if (error instanceof AuthError) return error;
  const { action, resource, caller } = deed;
  const read = readSdkError(error, secrets);
  const { code, what, next } = ruleFor(read, deed);
  const subject = `${action}${resource ? ` on ${resource}` : ''}${caller ? ` as ${caller}` : ''}`;
  return new AuthError(code, `${subject}: ${what}; ${next}`, { cause: read.copy });
}
