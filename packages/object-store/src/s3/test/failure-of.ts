import { inspect } from 'node:util';

import { ObjectStoreError } from '../../error.js';

/** The error that an operation fails with, which must be one of this package's. */
export async function failureOf(operation: Promise<unknown>): Promise<ObjectStoreError> {
  const failure: unknown = await operation.catch((error: unknown) => error);
  if (failure instanceof ObjectStoreError) return failure;
  throw new Error(`not failed as expected: ${inspect(failure)}`);
}
