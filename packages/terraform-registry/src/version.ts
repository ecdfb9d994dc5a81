import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

import { TerraformRegistryError } from './error.js';
import { quoted } from './quoted.js';

declare const version: unique symbol;

/**
 * The version of a provider: semantic version 2.0.0 in its one canonical form, without `v` and without
 * build metadata. One version in an index that Terraform cannot read breaks the whole provider, so
 * nothing else is ever written. https://semver.org/spec/v2.0.0.html
 */
export type Version = string & { readonly [version]: true };

const longest = 128;

/** Throws `version-invalid`; the message starts with where the text is from, such as `--version`. */
export function parseVersion(text: string, where: string): Version {
  if (isVersion(text)) return text;
  throw new TerraformRegistryError(
    'version-invalid',
    `${where}: expected a semantic version such as "9.3.7" or "9.4.0-beta.1", without "v", build metadata or "-v", found ${quoted(text)}`,
  );
}

/** A prerelease may not hold `-v`, because tags and file names are read from their last one. */
export function isVersion(text: string): text is Version {
  if (text.length > longest || text.includes('-v')) return false;
  // A canonical text is the one that parsing gives back.
  return parse(text)?.version === text;
}

/** By precedence: negative, zero or positive as `a` comes before, is, or comes after `b`. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a, b);
}
