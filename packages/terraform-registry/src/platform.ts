import { TerraformRegistryError } from './error.js';
import { quoted } from './quoted.js';

export const operatingSystems = ['darwin', 'freebsd', 'linux', 'windows'] as const;
export const architectures = ['386', 'amd64', 'arm', 'arm64'] as const;

/** What Terraform calls a platform, in the words of Go. */
export interface Platform {
  readonly os: (typeof operatingSystems)[number];
  readonly arch: (typeof architectures)[number];
}

/** The same as somebody else named it, in words that may not be known here. */
export interface NamedPlatform {
  readonly os: string;
  readonly arch: string;
}

/** Throws `platform-invalid`; the message starts with where the words are from. */
export function platformOf(os: string, arch: string, where: string): Platform {
  const platform = { os: operatingSystems.find((each) => each === os), arch: archOf(arch) };
  if (platform.os === undefined) throw unknown(where, 'operating system', os, operatingSystems);
  if (platform.arch === undefined) throw unknown(where, 'architecture', arch, architectures);
  return { os: platform.os, arch: platform.arch };
}

/** As the keys of `packages` and of network mirrors are written: `linux_amd64`. */
export function platformKey({ os, arch }: NamedPlatform): string {
  return `${os}_${arch}`;
}

/** In the order of their keys, which is that of all lists here. */
export function comparePlatforms(a: NamedPlatform, b: NamedPlatform): number {
  return compareText(platformKey(a), platformKey(b));
}

/** By code units, which no locale changes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function archOf(text: string): Platform['arch'] | undefined {
  return architectures.find((each) => each === text);
}

function unknown(
  where: string,
  what: string,
  found: string,
  known: readonly string[],
): TerraformRegistryError {
  return new TerraformRegistryError(
    'platform-invalid',
    `${where}: the ${what} ${quoted(found)} is not one of ${known.join(', ')}`,
  );
}
