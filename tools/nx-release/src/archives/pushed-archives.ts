import { join } from 'node:path';

import type { ObjectStore } from '@teleport-plugins/object-store';
import { pluginFile } from '@teleport-plugins/release';
import {
  archivesFolder,
  listArchives,
  platformKey,
  platformsOf,
  TerraformRegistryError,
  type ReleaseArchives,
} from '@teleport-plugins/terraform-registry';

import { StepError } from '../error.js';
import type { ProviderStep } from '../step/step.js';
import { releaseOf } from './release.js';

/** Where the archives of the version are in the store of artifacts, for people. */
export function placeOf({ selection }: ProviderStep, artifacts: ObjectStore): string {
  return `${artifacts.name}/${archivesFolder}/${selection.releaseTag}`;
}

/**
 * The archives of the version in the store of artifacts. Of the working tree's version, whose platforms are
 * known, there must be all. `refuse` says what to do where there are none. Throws what it gives, StepError
 * `not-pushed`, and what `listArchives` throws.
 */
export async function pushedArchives(
  step: ProviderStep,
  artifacts: ObjectStore,
  refuse: (where: string) => StepError,
): Promise<ReleaseArchives> {
  const { plugin, selection, host } = step;
  const where = placeOf(step, artifacts);
  const archives = await listArchives(artifacts, releaseOf(step), { signal: host.signal }).catch(
    (error: unknown) => {
      const isMissing =
        error instanceof TerraformRegistryError && error.code === 'archives-missing';
      throw isMissing ? refuse(where) : error;
    },
  );
  if (!selection.isTree) return archives;
  const found = platformsOf(archives);
  const missing = plugin.provider.platforms
    .map(platformKey)
    .filter((each) => !found.includes(each));
  if (missing.length === 0) return archives;
  throw new StepError(
    'not-pushed',
    `${where} has archives for ${found.join(', ')}, and none for ${missing.join(', ')}, which ${join(plugin.root, pluginFile)} declares; have the archives put there that are missing`,
  );
}
