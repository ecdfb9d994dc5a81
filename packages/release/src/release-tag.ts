import { ReleaseError } from './error.js';
import { quoted } from './quoted.js';
import { isVersion, type Version, versionExpected } from './version.js';

/**
 * The git tag of a release, such as `teleport-email-v9.3.7` or `terraform-provider-teleport-v9.1.3`.
 * Its prefix says which plugin it is of.
 */
export interface ReleaseTag {
  readonly prefix: string;
  readonly version: Version;
}

export const prefixExpected = 'lower-case words joined by "-", such as "teleport-email"';

export function isReleaseTagPrefix(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

/**
 * Throws `release-tag-invalid`; the message starts with where the text is from, such as `--tag`, and shows the
 * `example`.
 */
export function parseReleaseTag(
  text: string,
  where: string,
  example = 'teleport-email-v9.3.7',
): ReleaseTag {
  const tag = releaseTagOf(text);
  if (tag !== undefined) return tag;
  const expected = `a release tag such as "${example}": a prefix, "-v" and ${versionExpected}`;
  throw new ReleaseError(
    'release-tag-invalid',
    `${where}: expected ${expected}; found ${quoted(text)}`,
  );
}

/** A text as a release tag; `undefined` when it is none, as most tags of a repository are. */
export function releaseTagOf(text: string): ReleaseTag | undefined {
  // From the right: a prefix may hold "-v" (teleport-vault-v1.0.0), a version may not.
  const at = text.lastIndexOf('-v');
  const prefix = text.slice(0, Math.max(at, 0));
  const version = text.slice(at + 2);
  return isReleaseTagPrefix(prefix) && isVersion(version) ? { prefix, version } : undefined;
}

/** The inverse of `parseReleaseTag`. */
export function formatReleaseTag({ prefix, version }: ReleaseTag): string {
  return `${prefix}-v${version}`;
}
