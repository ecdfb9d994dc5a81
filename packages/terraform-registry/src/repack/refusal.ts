import { TerraformRegistryError } from '../error.js';

/** Of an archive that is not whole; `where` names it. */
export function damaged(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'archive-damaged',
    `${where}: ${what}; build and upload the archive again`,
    cause === undefined ? {} : { cause },
  );
}

/** Of an archive that holds what no provider's archive may. */
export function refused(where: string, what: string): TerraformRegistryError {
  return new TerraformRegistryError(
    'archive-refused',
    `${where}: ${what}; build the archive with the provider's program alone`,
  );
}
