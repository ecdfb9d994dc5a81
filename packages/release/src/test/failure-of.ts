import { ReleaseError } from '../error.js';

/** The error of this package that an act throws; `undefined` when it throws none. Others pass through. */
export function failureOf(act: () => unknown): ReleaseError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof ReleaseError) return error;
    throw error;
  }
}

/** The code and the message of the error, for comparison. */
export function refusalOf(
  act: () => unknown,
): readonly [code: string, message: string] | undefined {
  const error = failureOf(act);
  return error && [error.code, error.message];
}
