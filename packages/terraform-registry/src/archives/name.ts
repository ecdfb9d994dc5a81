import { TerraformRegistryError } from '../error.js';
import { platformOf, type Platform } from '../platform.js';
import { quoted } from '../quoted.js';
import { isVersion, type Version } from '../version.js';

/** One provider in one version: what a release tag names. */
export interface ProviderRelease {
  /** Terraform's "type": `teleport` of `terraform-provider-teleport`. */
  readonly type: string;
  readonly version: Version;
}

/** The archive of one platform. */
export interface ArchiveName extends ProviderRelease {
  readonly platform: Platform;
}

const ending = '-bin.tar.gz';
const beginning = 'terraform-provider-';
const expected =
  'an archive name such as "terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz"';

/**
 * Reads the name of an archive from the right, because a version may hold dashes. Throws
 * `name-invalid`, or `platform-invalid` for a platform that nobody builds for.
 */
export function parseArchiveName(text: string): ArchiveName {
  const parts = /^(.+)-([^-]+)-([^-]+)$/s.exec(withoutEnding(text));
  const [, release = '', os = '', arch = ''] = parts ?? [];
  return { ...releaseOf(release, text), platform: platformOf(os, arch, quoted(text)) };
}

/** The inverse of `parseArchiveName`. */
export function formatArchiveName({ platform, ...release }: ArchiveName): string {
  return `${formatReleaseTag(release)}-${platform.os}-${platform.arch}${ending}`;
}

/** The git tag of a release, which is also the folder of its archives: `terraform-provider-teleport-v9.1.3`. */
export function formatReleaseTag({ type, version }: ProviderRelease): string {
  return `${beginning}${type}-v${version}`;
}

function isProviderType(text: string): boolean {
  return text.length <= 60 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

function withoutEnding(text: string): string {
  if (text.length <= 300 && text.endsWith(ending)) return text.slice(0, -ending.length);
  throw invalid(text);
}

function releaseOf(release: string, whole: string): ProviderRelease {
  const at = release.lastIndexOf('-v');
  const type = release.slice(beginning.length, Math.max(at, 0));
  const version = release.slice(at + 2);
  if (!release.startsWith(beginning) || !isProviderType(type) || !isVersion(version)) {
    throw invalid(whole);
  }
  return { type, version };
}

function invalid(text: string): TerraformRegistryError {
  return new TerraformRegistryError('name-invalid', `expected ${expected}, found ${quoted(text)}`);
}
