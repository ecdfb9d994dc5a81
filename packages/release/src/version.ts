import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

import { ReleaseError } from './error.js';
import { quoted } from './quoted.js';

declare const version: unique symbol;

/**
 * A release's version: semantic version 2.0.0 in its one canonical form, without build metadata. It is
 * also the tag of its image, as it is written. https://semver.org/spec/v2.0.0.html
 */
export type Version = string & { readonly [version]: true };

/** The longest tag that the distribution specification allows. */
const longest = 128;

export const versionExpected =
  'a semantic version such as "9.3.7" or "9.4.0-beta.1", without build metadata or "-v"';

/** Throws `version-invalid`; the message starts with where the text is from, such as `--version`. */
export function parseVersion(text: string, where: string): Version {
  if (isVersion(text)) return text;
  const message = `${where}: expected ${versionExpected}, found ${quoted(text)}`;
  throw new ReleaseError('version-invalid', message);
}

/**
 * Whether the text is a version that can be released. A prerelease may not hold `-v`: release tags
 * are read from their last `-v`, here and in the shell scripts of pipelines.
 */
export function isVersion(text: string): text is Version {
  if (text.length > longest || text.includes('-v')) return false;
  // A canonical text is the one that parsing gives back; that excludes "v1.2.3", spaces and "+build".
  return parse(text)?.version === text;
}

export function isPrerelease(version: Version): boolean {
  return version.includes('-');
}

/** By precedence: negative, zero or positive as `a` comes before, is, or comes after `b`. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a, b);
}
