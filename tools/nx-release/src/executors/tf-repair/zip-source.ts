import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';

import { directoryStore, readOnly } from '@teleport-plugins/object-store';
import type { TerraformRole } from '@teleport-plugins/release';
import type { ZipSource } from '@teleport-plugins/terraform-registry';

import type { Stores } from '../../environment/stores.js';
import { StepError } from '../../error.js';
import type { RegistryStep } from '../../terraform/registry-step.js';

/** The registry that `--zips-from` names; `undefined` where it names a folder, or is not given. */
export function registryWithZips(from: string | undefined): TerraformRole | undefined {
  return from === 'staging' || from === 'production' ? from : undefined;
}

/**
 * Where zips are restored from: the other registry, which has them under the same keys, or a folder that has them by
 * their names. Throws StepError `option-invalid`.
 */
export async function zipSource(
  step: RegistryStep,
  from: string,
  { at }: Pick<Stores<TerraformRole>, 'at'>,
): Promise<ZipSource> {
  const other = registryWithZips(from);
  if (other !== undefined) return { store: at[other], keyOf: (key) => key };
  const folder = resolve(step.workspaceRoot, from);
  // A variable that is not set does not name the workspace.
  const found = from === '' ? undefined : await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new StepError(
      'option-invalid',
      `--zips-from: ${from === '' ? 'an empty name' : from} is no folder, and neither staging nor production; name the other registry, or a folder that has the zips by their names`,
    );
  }
  return { store: readOnly(directoryStore(folder)), keyOf: (key) => posix.basename(key) };
}
