import { join } from 'node:path';

import { directoryStore, readOnly } from '@teleport-plugins/object-store';
import {
  listArchives,
  TerraformRegistryError,
  type ReleaseArchives,
} from '@teleport-plugins/terraform-registry';

import { temporaryFolder } from '../environment/temporary-folder.js';
import { StepError } from '../error.js';
import { replaceFolder } from '../files/outputs.js';
import { buildAgain } from '../step/build-again.js';
import type { ProviderStep } from '../step/step.js';
import { packArchives, type PackedArchive } from './pack.js';
import { findPrograms, type ArchivesOptions, type Program } from './programs.js';
import { releaseOf } from './release.js';

/** Below `dist`, in a folder for the release tag: as they are in the store of artifacts. */
const folder = 'archives';

/** Packs the archives into `dist/archives`, where nothing of earlier ones stays. */
export function storeArchives(
  step: ProviderStep,
  programs: readonly Program[],
): Promise<readonly PackedArchive[]> {
  const path = join(step.workspaceRoot, step.plugin.root, 'dist', folder);
  return replaceFolder(path, { now: step.startedAt }, (draft) =>
    packArchives(step, programs, draft),
  );
}

/**
 * The archives of the working tree's version that `build-archives` has left in `dist`; a dry run, in which
 * nothing has been built, packs them aside. `undefined` where there are none, because the environment is
 * protected and no programs are named. Throws StepError `not-built` and `binaries-invalid`.
 */
export async function openTreeArchives(
  step: ProviderStep,
  options: ArchivesOptions,
): Promise<ReleaseArchives | undefined> {
  const { dryRun, environment, host, plugin, workspaceRoot } = step;
  const { binaries } = options;
  const hasOnlySamples = environment.protected && binaries === undefined;
  if (dryRun && !hasOnlySamples) {
    const aside = await temporaryFolder(host);
    await packArchives(step, await findPrograms(step, options), join(aside, folder));
    return listIn(step, aside);
  }
  try {
    return await listIn(step, join(workspaceRoot, plugin.root, 'dist'));
  } catch (cause) {
    if (!(cause instanceof TerraformRegistryError)) throw cause;
    if (cause.code === 'archives-missing' && hasOnlySamples) return undefined;
    throw notBuilt(
      step,
      cause.code === 'archives-missing' ? 'there are none' : cause.message,
      cause,
    );
  }
}

function listIn(step: ProviderStep, dist: string): Promise<ReleaseArchives> {
  const { signal } = step.host;
  return listArchives(readOnly(directoryStore(dist)), releaseOf(step), { folder, signal });
}

/** What is in `dist` is not what `build-archives` has left. */
export function notBuilt(step: ProviderStep, what: string, cause?: unknown): StepError {
  const { plugin, selection } = step;
  const place = join(plugin.root, 'dist', folder, selection.releaseTag);
  return new StepError(
    'not-built',
    `the archives in ${place} cannot be used: ${what}; ${buildAgain(step, 'build-archives')}`,
    cause === undefined ? {} : { cause },
  );
}
