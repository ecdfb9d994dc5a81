import type { Version } from '../version.js';
import {
  countOf,
  formatJson,
  invalid,
  member,
  parseJson,
  refuseUnknown,
  stringOf,
} from './json.js';
import { versionOf } from './readers.js';

/**
 * That a version was taken out of the index, and why. Its record says so, too, if it has one: repairing would list one
 * from before there were records again by its documents, and make a record that was lost again without it.
 */
export interface Withdrawal {
  readonly version: Version;
  readonly yanked: string;
}

export const withdrawalLimit = 65_536;

export function formatWithdrawal({ version, yanked }: Withdrawal): Uint8Array {
  return formatJson({ schemaVersion: 1, version, yanked });
}

/** Throws `document-invalid`. */
export function parseWithdrawal(bytes: Uint8Array, where: string): Withdrawal {
  const document = parseJson(bytes, where);
  refuseUnknown(document, ['schemaVersion', 'version', 'yanked'], where);
  if (member(document, 'schemaVersion', countOf, where) !== 1) {
    throw invalid(where, 'is of a schema that is not known; use the release system that wrote it');
  }
  return {
    version: member(document, 'version', versionOf, where),
    yanked: member(document, 'yanked', stringOf, where),
  };
}
