import { ReleaseError } from './error.js';
import type { Plugin } from './plugin.js';
import { quoted } from './quoted.js';
import { formatReleaseTag, parseReleaseTag } from './release-tag.js';
import { parseVersion, type Version } from './version.js';

/** The version of a plugin that a step is about. */
export interface Selection {
  readonly version: Version;
  readonly releaseTag: string;
  /** Whether it is the version of the working tree: only that one can be built from it. */
  readonly isTree: boolean;
}

/**
 * The version that the options `--version` and `--tag` name, or without them the working tree's. Throws
 * `version-invalid`, `release-tag-invalid`, and `version-conflict` for the tag of another plugin or for
 * options that disagree.
 */
export function selectVersion(
  options: { readonly version?: string | undefined; readonly tag?: string | undefined },
  plugin: Plugin,
): Selection {
  const { releaseTagPrefix: prefix } = plugin;
  const byVersion =
    options.version === undefined ? undefined : parseVersion(options.version, '--version');
  const own = formatReleaseTag({ prefix, version: plugin.version });
  const byTag = options.tag === undefined ? undefined : parseReleaseTag(options.tag, '--tag', own);
  if (byTag !== undefined && byTag.prefix !== prefix) {
    throw conflict(
      `--tag ${quoted(formatReleaseTag(byTag))} is a release of another plugin; ` +
        `those of ${plugin.root} begin with "${prefix}-v"`,
    );
  }
  if (byVersion !== undefined && byTag !== undefined && byVersion !== byTag.version) {
    throw conflict(
      `--version ${byVersion} and --tag ${formatReleaseTag(byTag)} name two versions; give one of them`,
    );
  }
  const version = byVersion ?? byTag?.version ?? plugin.version;
  return {
    version,
    releaseTag: formatReleaseTag({ prefix, version }),
    isTree: version === plugin.version,
  };
}

function conflict(message: string): ReleaseError {
  return new ReleaseError('version-conflict', message);
}
