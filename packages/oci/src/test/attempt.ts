import { OciError } from '../error.js';

/** The result, or the error if it is this package's own; every other error is thrown on. */
export function attempt<T>(work: () => T): T | OciError {
  try {
    return work();
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
}
