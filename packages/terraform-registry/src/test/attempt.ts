import { TerraformRegistryError } from '../error.js';

/** The result, or the error if it is this package's own; every other error is thrown on. */
export function attempt<T>(work: () => T): T | TerraformRegistryError {
  try {
    return work();
  } catch (error) {
    if (error instanceof TerraformRegistryError) return error;
    throw error;
  }
}

/** The same for work that takes its time. */
export async function attemptAsync<T>(work: () => Promise<T>): Promise<T | TerraformRegistryError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TerraformRegistryError) return error;
    throw error;
  }
}
