import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { pluginFile, type ProviderPlatform } from '@teleport-plugins/release';
import {
  platformKey,
  platformsOfProgram,
  programHeadSize,
} from '@teleport-plugins/terraform-registry';

import { StepError } from '../error.js';
import type { ProviderStep, StepOptions } from '../step/step.js';
import { sampleProgram } from './sample.js';

export interface ArchivesOptions extends StepOptions {
  /** A folder with the programs, `linux_amd64/terraform-provider-teleport`. Default: samples. */
  readonly binaries?: string;
}

/** What an archive is made of. */
export interface Program {
  readonly platform: ProviderPlatform;
  /** Its name in the archive. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly source: { readonly bytes: Uint8Array } | { readonly file: string };
}

/**
 * The program of each platform that the provider declares: from the folder that the options name, or else
 * samples. Throws StepError `binaries-invalid`.
 */
export async function findPrograms(
  step: ProviderStep,
  { binaries }: ArchivesOptions,
): Promise<readonly Program[]> {
  const { plugin, workspaceRoot } = step;
  const { platforms } = plugin.provider;
  if (binaries === undefined) {
    return platforms.map((platform) => {
      const bytes = sampleProgram(plugin, platform);
      return { platform, name: nameOf(step, platform), size: bytes.length, source: { bytes } };
    });
  }
  const folder = resolve(workspaceRoot, binaries);
  refuseOthers(step, binaries, await namesIn(folder, binaries));
  return Promise.all(
    platforms.map(async (platform): Promise<Program> => {
      const name = nameOf(step, platform);
      const shown = join(binaries, platformKey(platform), name);
      const file = join(folder, platformKey(platform), name);
      const size = await sizeOf(file, shown);
      refuseOtherPlatform(await headOf(file, shown), platform, shown);
      return { platform, name, size, source: { file } };
    }),
  );
}

function nameOf({ plugin }: ProviderStep, { os }: ProviderPlatform): string {
  return `terraform-provider-${plugin.provider.type}${os === 'windows' ? '.exe' : ''}`;
}

async function namesIn(folder: string, shown: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw invalid(`${shown} cannot be read: ${(cause as Error).message}`, cause);
  }
}

/** What would be left out silently. */
function refuseOthers({ plugin }: ProviderStep, shown: string, names: readonly string[]): void {
  const declared = plugin.provider.platforms.map(platformKey);
  const others = names.filter((name) => !declared.includes(name));
  if (others.length === 0) return;
  throw invalid(
    `${shown} has ${others.sort().join(', ')}, and ${join(plugin.root, pluginFile)} declares ${declared.join(', ')}; make them agree`,
  );
}

async function sizeOf(file: string, shown: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw invalid(`${shown} cannot be read: ${(cause as Error).message}`, cause);
  });
  if (found.isFile() && found.size > 0) return found.size;
  throw invalid(`${shown} is ${found.isFile() ? 'empty' : 'no file'}`);
}

/** In a folder of another platform it would be packed, published and locked before anybody started it. */
function refuseOtherPlatform(head: Uint8Array, platform: ProviderPlatform, shown: string): void {
  const found = platformsOfProgram(head)?.map(platformKey);
  if (found === undefined || found.includes(platformKey(platform))) return;
  const what = found.length === 0 ? 'another kind of machine' : found.join(' and ');
  throw invalid(`${shown} is a program for ${what}`);
}

async function headOf(file: string, shown: string): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(programHeadSize));
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw invalid(`${shown} cannot be read: ${(cause as Error).message}`, cause);
  }
}

function invalid(what: string, cause?: unknown): StepError {
  return new StepError(
    'binaries-invalid',
    `--binaries: ${what}; put the program of each platform there, as in linux_amd64/terraform-provider-teleport`,
    cause === undefined ? {} : { cause },
  );
}
