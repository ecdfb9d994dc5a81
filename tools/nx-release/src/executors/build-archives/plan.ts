import { platformKey } from '@teleport-plugins/terraform-registry';

import type { PackedArchive } from '../../archives/pack.js';
import type { ArchivesOptions, Program } from '../../archives/programs.js';
import { bytes, count } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import type { ProviderStep } from '../../step/step.js';

/**
 * What a step says that builds nothing, because only samples could be had, and the environment is
 * protected. `undefined` for one that builds. The steps that come after look for archives that are there.
 */
export function noSamples(
  { project, plugin, environment }: ProviderStep,
  { binaries }: ArchivesOptions,
): string | undefined {
  if (!environment.protected || binaries !== undefined) return undefined;
  return `${project} ${plugin.version}: nothing to build, because the environment ${environment.name} is protected and takes no samples; name a folder of programs with --binaries to pack those`;
}

export function describePrograms(
  programs: readonly Program[],
  { binaries = 'a sample' }: ArchivesOptions,
): readonly Line[] {
  return programs.map(({ platform, name, size }) => [
    'pack',
    `${name} for ${platformKey(platform)}, ${binaries === 'a sample' ? binaries : `from ${binaries}`}`,
    bytes(size),
  ]);
}

export function describePacked(packed: readonly PackedArchive[]): string {
  const size = packed.reduce((sum, each) => sum + each.size, 0);
  return `${count(packed.length, 'archive')}, ${bytes(size)}`;
}
