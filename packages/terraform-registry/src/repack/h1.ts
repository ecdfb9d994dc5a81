import { createHash } from 'node:crypto';

import { compareText } from '../platform.js';
import type { Sha256 } from '../sha256.js';

/** A file that a zip holds. */
export interface HashedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: Sha256;
}

/** What the files of a provider are, whatever archive they are in: `h1:` and 44 characters. */
export type H1 = `h1:${string}`;

/** The hash that Terraform's lock files have. https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1 */
export function h1Of(files: readonly Omit<HashedFile, 'size'>[]): H1 {
  const hash = createHash('sha256');
  const sorted = [...files].sort((a, b) => compareText(a.name, b.name));
  for (const { name, sha256 } of sorted) hash.update(`${sha256}  ${name}\n`);
  return `h1:${hash.digest('base64')}`;
}

export function isH1(text: string): text is H1 {
  return /^h1:[A-Za-z0-9+/]{43}=$/.test(text);
}
