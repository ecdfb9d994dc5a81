import type { AuthErrorCode } from '../error.js';
import type { Deed } from './deed.js';
import type { SdkError } from './sdk-error.js';

/** What an error means, and what to do about it. */
export interface FailureRule {
  readonly fits: Fits;
  readonly code: AuthErrorCode;
  /** Why it failed. */
  readonly what: Text;
  /** The next act. */
  readonly next: Text;
}

type Fits = (error: SdkError, deed: Deed) => boolean;
type Text = string | ((error: SdkError, deed: Deed) => string);

/** STS says `ExpiredToken`, ECR `ExpiredTokenException`; the short one is given here. */
export function named(...names: readonly string[]): Fits {
  return ({ name }) => names.includes(name.replace(/Exception$/, ''));
}

export function saying(pattern: RegExp): Fits {
  return ({ message }) => pattern.test(message);
}

export function coded(...codes: readonly string[]): Fits {
  return ({ code }) => codes.includes(code);
}

export function either(...all: readonly Fits[]): Fits {
  return (error, deed) => all.some((fits) => fits(error, deed));
}

export function both(...all: readonly Fits[]): Fits {
  return (error, deed) => all.every((fits) => fits(error, deed));
}

export function toldBy(text: Text, error: SdkError, deed: Deed): string {
  return typeof text === 'string' ? text : text(error, deed);
}
