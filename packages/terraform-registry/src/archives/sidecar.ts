import { TerraformRegistryError } from '../error.js';
import { quoted } from '../quoted.js';
import { isSha256, type Sha256 } from '../sha256.js';

/** The ending of the file beside an archive that says its sha256. */
export const sidecarEnding = '.sha256';

/** More than any sidecar has. */
export const sidecarLimit = 4096;

/**
 * The checksum in the sidecar of a file, which is either bare or a line of `sha256sum`, with the path
 * that the file had where it was made. Throws `sidecar-invalid`, also when the line is about another file; its
 * message begins with `folder`, which ends in a slash.
 */
export function parseSidecar(bytes: Uint8Array, file: string, folder = ''): Sha256 {
  const text = Buffer.from(bytes).toString('latin1');
  const match = /^([0-9A-Fa-f]{64})(?: [ *]([^\r\n]+))?(?:\r?\n)?$/.exec(text);
  const [, hex = '', named] = match ?? [];
  const sha256 = hex.toLowerCase();
  if (!isSha256(sha256)) {
    throw invalid(folder + file, `expected 64 hexadecimal digits, found ${quoted(text)}`);
  }
  const name = named?.split(/[/\\]/).at(-1);
  if (name === undefined || name === file) return sha256;
  throw invalid(folder + file, `is the checksum of another file, ${quoted(name)}`);
}

/** As `sha256sum` writes it. */
export function formatSidecar(sha256: Sha256, file: string): Uint8Array {
  return Buffer.from(`${sha256}  ${file}\n`);
}

function invalid(file: string, what: string): TerraformRegistryError {
  return new TerraformRegistryError(
    'sidecar-invalid',
    `${file}${sidecarEnding}: ${what}; upload the archives again`,
  );
}
