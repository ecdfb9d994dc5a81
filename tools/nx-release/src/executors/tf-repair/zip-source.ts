import { stat } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';

import { directoryStore, readOnly, type ObjectStore } from '@teleport-plugins/object-store';
import {
  fileNames,
  repack,
  writeScratch,
  type ZipSource,
} from '@teleport-plugins/terraform-registry';

import type { StoreRole } from '../../environment/store-place.js';
import type { Stores } from '../../environment/stores.js';
import { temporaryFolder } from '../../environment/temporary-folder.js';
import { StepError } from '../../error.js';
import { archivesToPublish } from '../../terraform/archives.js';
import type { RegistryStep } from '../../terraform/registry-step.js';

/** The stores that `--zips-from` may name. */
const stores: ReadonlyMap<string, StoreRole> = new Map([
  ['staging', 'staging'],
  ['production', 'production'],
  ['archives', 'artifacts'],
]);

/** `undefined` where `--zips-from` names a folder, or is not given. */
export function storeWithZips(from: string | undefined): StoreRole | undefined {
  return from === undefined ? undefined : stores.get(from);
}

/**
 * Where zips are restored from: the other registry, which has them under the same keys; the archives of the tag, of
 * which they are made again; or a folder that has them by their names. Throws StepError `option-invalid`, `not-pushed`
 * and `sample-refused`.
 */
export async function zipSource(
  step: RegistryStep,
  from: string,
  { at }: Pick<Stores, 'at'>,
): Promise<ZipSource> {
  const role = storeWithZips(from);
  if (role === 'artifacts') return madeOfArchives(step, at.artifacts);
  if (role !== undefined) return { store: at[role], keyOf: (key) => key };
  const folder = resolve(step.workspaceRoot, from);
  // A variable that is not set does not name the workspace.
  const found = from === '' ? undefined : await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    const shown = from === '' ? 'an empty name' : from;
    throw new StepError(
      'option-invalid',
      `--zips-from: ${shown} is none of ${[...stores.keys()].join(', ')}, and no folder; name the other registry, the archives of the tag, or a folder that has the zips by their names`,
    );
  }
  return byName(directoryStore(folder));
}

/** In a folder of their own, by their names. They are the same wherever zlib is. */
async function madeOfArchives(step: RegistryStep, artifacts: ObjectStore): Promise<ZipSource> {
  const { signal } = step.host;
  const { where, archives } = await archivesToPublish(step, {}, artifacts);
  const folder = await temporaryFolder(step.host);
  for (const archive of archives) {
    const { content } = repack({ ...archive, content: archive.open({ signal }) }, { signal });
    const file = fileNames.zip(archive.name, archive.name.platform);
    await writeScratch(join(folder, file), content, { signal });
  }
  return { ...byName(directoryStore(folder)), shown: () => `the one made of ${where}` };
}

function byName(store: ObjectStore): ZipSource {
  return { store: readOnly(store), keyOf: (key) => posix.basename(key) };
}
