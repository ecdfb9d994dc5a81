import { OciError } from './error.js';
import {
  arrayOf,
  objectOf,
  optionalMember,
  refuseCaseVariants,
  requiredMember,
  stringOf,
  type Place,
} from './json.js';
import { quoted } from './quoted.js';

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md (property `platform`) */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/**
 * Reads `os/architecture[/variant]` as people write it, in Go's names: `linux/arm64`, `linux/arm/v7`.
 * Throws `platform-invalid`.
 */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text);
  if (!match) {
    throw invalid(
      `${quoted(text)} is not a platform: expected os/architecture[/variant], such as "linux/amd64"`,
    );
  }
  const [, os = '', architecture = '', variant] = match;
  const meant = goNames.get(architecture);
  if (meant !== undefined) {
    throw invalid(
      `${quoted(text)} is not a platform: the architecture is called "${meant}" in images`,
    );
  }
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** `os/architecture[/variant]`, with the version of the operating system, where there is one, in brackets. */
export function formatPlatform(platform: Platform): string {
  const parts = [platform.os, platform.architecture, platform.variant];
  const version = platform['os.version'];
  const name = parts.filter((part) => part !== undefined && part !== '').join('/');
  return version === undefined || version === '' ? name : `${name} (${version})`;
}

/** Whether an image for the one is an image for the other; `linux/arm64` and `linux/arm64/v8` are the same. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return identity(a) === identity(b);
}

export function readPlatform(value: unknown, place: Place): Platform {
  const object = objectOf(value, place);
  refuseCaseVariants(object, known, place);
  const variant = optionalMember(object, 'variant', stringOf, place);
  const version = optionalMember(object, 'os.version', stringOf, place);
  const features = optionalMember(object, 'os.features', arrayOf(stringOf), place);
  return {
    os: requiredMember(object, 'os', stringOf, place),
    architecture: requiredMember(object, 'architecture', stringOf, place),
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
    ...(features && { 'os.features': features }),
  };
}

const known = ['os', 'architecture', 'variant', 'os.version', 'os.features'];

const goNames = new Map([
  ['x86_64', 'amd64'],
  ['x64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
  ['x86', '386'],
]);

/** The variant that an image without one is taken to be for. */
const defaultVariants = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
]);

function identity(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return JSON.stringify([
    os,
    architecture,
    variant === undefined || variant === '' ? defaultVariants.get(architecture) : variant,
    platform['os.version'] ?? '',
    [...(platform['os.features'] ?? [])].sort(),
  ]);
}

function invalid(message: string): OciError {
  return new OciError('platform-invalid', message);
}
