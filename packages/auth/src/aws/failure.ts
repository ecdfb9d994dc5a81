import { AuthError } from '../error.js';
import { shown } from '../shown.js';
import type { Deed } from './deed.js';
import { toldBy, type FailureRule } from './failure-rule.js';
import { readSdkError } from './sdk-error.js';
import { networkRules, serviceRules } from './service-rules.js';
import { signInRules } from './sign-in-rules.js';

/**
 * What to throw for an error of the SDK: who did what to what, why it failed, and the next act. AWS's own
 * message is kept as the cause, without `secrets`. An AuthError stays as it is.
 */
export function awsFailure(error: unknown, deed: Deed, secrets: ReadonlySet<string>): AuthError {
  if (error instanceof AuthError) return error;
  const { action, resource, caller } = deed;
  const read = readSdkError(error, secrets);
  const { code, what, next } = rules.find(({ fits }) => fits(read, deed)) ?? other;
  const subject = `${action}${resource ? ` on ${resource}` : ''}${caller ? ` as ${caller}` : ''}`;
  const why = `${toldBy(what, read, deed)}; ${toldBy(next, read, deed)}`;
  return new AuthError(code, `${subject}: ${why}`, { cause: read.copy });
}

/** The first one that fits counts. */
const rules: readonly FailureRule[] = [...signInRules, ...serviceRules, ...networkRules];

const other: Omit<FailureRule, 'fits'> = {
  code: 'request-refused',
  what: ({ name, message }) => `it is refused (${name}: ${shown(message)})`,
  next: 'correct that and try again',
};
