import { TerraformRegistryError } from '../error.js';

/** Reads a document, or says what is wrong with it and where. */
type Parse<T> = (bytes: Uint8Array, where: string) => T;

/** The same for a document of one's own registry, which can be repaired: the error says how. */
export function advised<T>(parse: Parse<T>, advice: string): Parse<T> {
  return (bytes, where) => {
    try {
      return parse(bytes, where);
    } catch (cause) {
      if (!(cause instanceof TerraformRegistryError)) throw cause;
      throw new TerraformRegistryError(cause.code, `${cause.message}; ${advice}`, { cause });
    }
  };
}

/** Of what the records say. */
export const repairIt = 'run release:tf-repair, which writes it again';

/** Of a record, which nothing else says. */
export const restoreIt = 'restore the object from its older versions';
