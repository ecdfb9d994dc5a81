import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';

import type { OperationOptions, Platform } from '@teleport-plugins/oci';

import { ImageError } from './error.js';

export interface HostOptions extends OperationOptions {
  /** The Node to look at, an absolute path; the running one when absent. */
  readonly node?: string;
}

/** A Node and the files without which it does not run. */
export interface HostRuntime {
  readonly platform: Platform;
  /** `v20.20.2` */
  readonly version: string;
  readonly files: readonly RuntimeFile[];
}

interface RuntimeFile {
  /** Where it is looked up in an image, relative to the root. */
  readonly path: string;
  /** Where it is on this machine, without links. */
  readonly file: string;
  readonly executable: boolean;
  /** In bytes. */
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modified: number;
}

/** Where Node is in an image, relative to the root. */
export const nodePath = 'usr/local/bin/node';

/** Where libraries are in an image that are in no folder where every loader looks, relative to the root. */
export const libraryFolder = 'usr/local/lib';

/** Finds the binary of Node, its dynamic loader and the libraries that it loads. Linux only. */
export async function hostRuntime(options: HostOptions = {}): Promise<HostRuntime> {
  const node = options.node ?? process.execPath;
  const { version, platform, libraries } = await probe(node, options.signal);
  const loader = libraries.find((path) => loaderName.test(basename(path)));
  if (libraries.length > 0 && loader === undefined) {
    throw unsupported(`${node} loads libraries, but none of them is a known dynamic loader`);
  }

  const files = new Map([[nodePath, { source: node, executable: true }]]);
  for (const library of [...libraries, ...(await nameServiceLibraries(libraries))]) {
    const path = library === loader ? library.slice(1) : libraryPath(library);
    if (files.has(path)) throw unsupported(`${node} loads two libraries called ${basename(path)}`);
    files.set(path, { source: library, executable: library === loader });
  }
  const found: RuntimeFile[] = [];
  for (const [path, { source, executable }] of files) {
    found.push({ path, executable, ...(await identify(source)) });
  }
  return { version, platform, files: found };
}

async function identify(path: string): Promise<Pick<RuntimeFile, 'file' | 'size' | 'modified'>> {
  try {
    const file = await realpath(path);
    const { size, mtimeMs } = await stat(file);
    return { file, size, modified: mtimeMs };
  } catch (cause) {
    throw unsupported(`${path}, which it loads, cannot be read`, cause);
  }
}

/** The loaders of glibc and musl, by file name. */
const loaderName = /^ld(?:64|-linux.*|-musl-.*)?\.so\.\d+$/;

/** The folders in which a loader looks by itself, without ld.so.conf and its cache. */
const searchedFolder = /^\/(?:usr\/)?lib(?:64)?(?:\/[a-z0-9_]+-linux-[a-z0-9]+)?$/;

/** Not where it is on this machine when that is, say, a home folder: the image would tell, and differ. */
function libraryPath(library: string): string {
  if (searchedFolder.test(dirname(library))) return library.slice(1);
  return `${libraryFolder}/${basename(library)}`;
}

/** What glibc before 2.34 loads when the first name is resolved; newer ones have it in libc itself. */
async function nameServiceLibraries(libraries: readonly string[]): Promise<readonly string[]> {
  const libc = libraries.find((path) => basename(path) === 'libc.so.6');
  if (libc === undefined) return [];
  const found: string[] = [];
  for (const name of ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2']) {
    const path = join(dirname(libc), name);
    if (libraries.includes(path)) continue;
    if (await isFile(path)) found.push(path);
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

interface Probed {
  readonly version: string;
  readonly platform: Platform;
  /** Absolute paths under which the loader found them; none when Node is linked statically. */
  readonly libraries: readonly string[];
}

/** Runs in a Node of its own, whose environment has no preloaded library and which no addon is in. */
const probeSource = `
  process.report.excludeNetwork = true;
  const { sharedObjects } = process.report.getReport();
  const { arm_version: arm, node_builtin_shareable_builtins: builtins } = process.config.variables;
  const { platform, arch, version } = process;
  console.log(JSON.stringify({ platform, arch, arm, version, sharedObjects, builtins }));
`;

async function probe(node: string, signal: AbortSignal | undefined): Promise<Probed> {
  const options = { env: {}, cwd: '/', ...(signal && { signal }) };
  let answer: Record<string, unknown>;
  try {
    const { stdout } = await promisify(execFile)(node, ['--eval', probeSource], options);
    answer = JSON.parse(stdout) as Record<string, unknown>;
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unsupported(`${node} does not tell what it loads: ${reason}`, cause);
  }
  const { platform, arch, arm, version, sharedObjects, builtins } = answer;
  if (platform !== 'linux') throw unsupported(`this is ${String(platform)}, an image needs Linux`);
  const architecture = architectures.get(String(arch));
  if (architecture === undefined) throw unsupported(`the architecture ${String(arch)} is unknown`);
  // Distributions take parts of Node out of its binary, into files that nothing lists.
  if (!listOfTexts(builtins).some((each) => each.includes('undici'))) {
    throw unsupported(`${node} is built to read parts of itself from /usr/share`);
  }
  return {
    version: String(version),
    platform: {
      os: 'linux',
      architecture,
      ...(arch === 'arm' && { variant: `v${String(arm)}` }),
    },
    libraries: listOfTexts(sharedObjects)
      .filter((path) => path.startsWith('/'))
      .map((path) => normalize(path)),
  };
}

/** Node's names of architectures, and the names in images. */
const architectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['arm', 'arm'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['s390x', 's390x'],
  ['riscv64', 'riscv64'],
  ['loong64', 'loong64'],
]);

function listOfTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function unsupported(problem: string, cause?: unknown): ImageError {
  return new ImageError(
    'host-unsupported',
    `the Node that runs here cannot be the base of an image: ${problem}; name a base image by its digest instead`,
    { cause },
  );
}
