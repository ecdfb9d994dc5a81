import { OciError } from '@teleport-plugins/oci';

/** What a parser of packages/oci makes of a text; `undefined` when it refuses it. */
export function accepted<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}
