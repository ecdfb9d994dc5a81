import { AuthError } from '../../error.js';

/** The AuthError that something fails with. */
export async function failureOf(work: Promise<unknown>): Promise<AuthError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Its code and its message. */
export async function refusalOf(work: Promise<unknown>): Promise<readonly [string, string]> {
  const { code, message } = await failureOf(work);
  return [code, message];
}
