import { formatPlatform, samePlatform, type Platform } from '@teleport-plugins/oci';

import { ImageError } from './error.js';
import type { ImageFile } from './file-tree.js';

/** What an image is made of, besides its base. Equal specs on equal bases give equal digests. */
export interface ImageSpec {
  readonly platforms: readonly Platform[];
  /** One layer, the same on every platform. */
  readonly files: readonly ImageFile[];
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  /** `uid` or `uid:gid`, in numbers, not root; 65532:65532 when absent. */
  readonly user?: string;
  /** Added to those of the base, or instead of them. */
  readonly env?: Readonly<Record<string, string>>;
  /** An absolute path; `/` when absent. */
  readonly workdir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** TCP ports. */
  readonly exposedPorts?: readonly number[];
  /** Of the index and of every manifest: `org.opencontainers.image.source` and so on. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The time of the image and of every file in it, in whole seconds. */
  readonly created: Date;
}

/** `nonroot`, as distroless images have it. */
export const nonRootUser = '65532:65532';

/**
 * The latest time of an image, in seconds since 1970: what a tar header can say in eleven octal digits,
 * in 2242, and what `toISOString` writes with four digits for the year.
 */
export const latestCreated = 0o77777777777;

/** Refuses what would make an image that does not run, or runs as root. */
export function checkSpec(spec: ImageSpec): void {
  checkPlatforms(spec.platforms);
  checkUser(spec.user ?? nonRootUser);
  if ((spec.entrypoint[0] ?? '') === '') throw invalid('entrypoint', 'expected a program first');
  checkCommand('entrypoint', spec.entrypoint);
  checkCommand('cmd', spec.cmd ?? []);
  checkEnvironment(spec.env ?? {});
  for (const port of spec.exposedPorts ?? []) checkPort(port);
  for (const file of spec.files) checkFolder(file.path);
  if (!(spec.workdir ?? '/').startsWith('/')) {
    throw invalid('workdir', `expected an absolute path, found ${JSON.stringify(spec.workdir)}`);
  }
  const seconds = spec.created.getTime() / 1000;
  if (!(seconds >= 0 && seconds < latestCreated + 1)) {
    throw invalid('created', 'expected a time between 1970 and 2242');
  }
}

function checkPlatforms(platforms: readonly Platform[]): void {
  if (platforms.length === 0) throw invalid('platforms', 'expected at least one, found none');
  const isFirst = (platform: Platform, position: number): boolean =>
    platforms.findIndex((other) => samePlatform(other, platform)) === position;
  const double = platforms.find((platform, position) => !isFirst(platform, position));
  if (double) throw invalid('platforms', `${formatPlatform(double)} is given twice`);
}

function checkUser(user: string): void {
  const match = /^(\d{1,10})(?::\d{1,10})?$/.exec(user);
  if (match === null && !/^root(:|$)/.test(user)) {
    // Kubernetes' runAsNonRoot cannot tell who a name is, and refuses to start it.
    throw invalid('user', `expected numbers like ${nonRootUser}, found ${JSON.stringify(user)}`);
  }
  if (match === null || Number(match[1]) === 0) {
    throw new ImageError(
      'user-root',
      `user ${user} is root: an image never runs as root; use ${nonRootUser} or another number`,
    );
  }
}

function checkCommand(key: string, words: readonly string[]): void {
  if (words.some((word) => word.includes('\0'))) throw invalid(key, 'has a NUL character');
}

function checkEnvironment(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[^=\0]+$/.test(name))
      throw invalid('env', `${JSON.stringify(name)} is no variable name`);
    if (value.includes('\0')) throw invalid('env', `${name} has a NUL character`);
  }
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return;
  throw invalid('exposedPorts', `expected a number from 1 to 65535, found ${port}`);
}

/** A folder of a layer replaces what the base has in its place, be it a link or a mount point. */
function checkFolder(path: string): void {
  const [top = ''] = path.split('/');
  if (!/^(bin|sbin|lib(32|64|x32)?|tmp|dev|proc|sys|run)$/.test(top)) return;
  throw new ImageError(
    'path-invalid',
    `image path ${path}: /${top} belongs to the base, which a folder of this layer would replace; use app/ or usr/local/`,
  );
}

function invalid(key: string, problem: string): ImageError {
  return new ImageError('spec-invalid', `image ${key}: ${problem}`);
}
