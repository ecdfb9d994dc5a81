import { compareText } from '../platform.js';
import { isSha256, type Sha256 } from '../sha256.js';
import { invalid } from './json.js';

/** A line of a SHA256SUMS document. */
export interface Sum {
  readonly sha256: Sha256;
  readonly filename: string;
}

/** Sorted by name, without a blank line, on which Terraform crashes. */
export function formatSums(sums: readonly Sum[]): Uint8Array {
  const sorted = [...sums].sort((a, b) => compareText(a.filename, b.filename));
  return Buffer.from(sorted.map(({ sha256, filename }) => `${sha256}  ${filename}\n`).join(''));
}

/**
 * Throws `document-invalid` for every line that Terraform trips over: it crashes on a blank one, and
 * leaves the other platforms out of lock files for one that it does not understand.
 */
export function parseSums(bytes: Uint8Array, where: string): readonly Sum[] {
  const text = Buffer.from(bytes).toString('latin1');
  if (!text.endsWith('\n')) throw invalid(where, 'its last line has no end');
  const names = new Set<string>();
  return text
    .slice(0, -1)
    .split('\n')
    .map((line, index) => {
      const [, sha256 = '', filename = ''] =
        /^([0-9a-f]{64}) {2}([A-Za-z0-9._~+-]+)$/.exec(line) ?? [];
      if (!isSha256(sha256)) {
        throw invalid(where, `line ${index + 1} is not a sha256, two spaces and a file name`);
      }
      if (names.has(filename)) throw invalid(where, `line ${index + 1} has ${filename} again`);
      names.add(filename);
      return { sha256, filename };
    });
}
