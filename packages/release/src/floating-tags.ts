import { compareVersions, isPrerelease, isVersion, type Version } from './version.js';

/** `9`, `9.3` and `latest`: labels of the highest version in a range. */
export const floatingTagKinds = ['major', 'minor', 'latest'] as const;
export type FloatingTagKind = (typeof floatingTagKinds)[number];

/**
 * The floating tags that may move to a version: the declared ones in whose range no higher version is
 * released. `existing` are the tags of the registry; those that are no version of a release are
 * ignored. A prerelease moves none.
 */
export function floatingTags(
  version: Version,
  declared: readonly FloatingTagKind[],
  existing: readonly string[],
): readonly string[] {
  if (isPrerelease(version)) return [];
  const higher = existing
    .filter((tag) => isVersion(tag))
    .filter((other) => !isPrerelease(other) && compareVersions(other, version) > 0);
  return declared
    .filter((kind) => higher.every((other) => tagOf(other, kind) !== tagOf(version, kind)))
    .map((kind) => tagOf(version, kind));
}

/**
 * The released versions in the range of a floating tag, the highest first: the tag belongs on that one.
 * `existing` are the tags of the registry, as above.
 */
export function versionsInRange(
  tag: string,
  declared: readonly FloatingTagKind[],
  existing: readonly string[],
): readonly Version[] {
  return existing
    .filter((version) => isVersion(version))
    .filter((version) => !isPrerelease(version))
    .filter((version) => declared.some((kind) => tagOf(version, kind) === tag))
    .sort((a, b) => compareVersions(b, a));
}

function tagOf(version: Version, kind: FloatingTagKind): string {
  const [major, minor] = version.split('.');
  switch (kind) {
    case 'major':
      return String(major);
    case 'minor':
      return `${String(major)}.${String(minor)}`;
    case 'latest':
      return 'latest';
  }
}
