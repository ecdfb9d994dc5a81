import { AuthError } from '../error.js';

/** What is thrown where a code is needed and there is none. `next` says how to give one. */
export function mfaNeeded(subject: string, serialNumber: string, next: string): AuthError {
  return new AuthError(
    'mfa-needed',
    `${subject}: a code of the multi-factor device ${serialNumber} is needed; ${next}`,
  );
}
