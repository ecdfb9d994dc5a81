import type { Descriptor, OperationOptions, Repository } from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';

/**
 * Gives a stored manifest a tag that never moves: the one function that writes version tags.
 *
 * The write is exclusive, so memory, layouts, the embedded registry and registries with immutable
 * tags let exactly one of several writers win, whenever they come. Elsewhere the tag is read before
 * and after the write, which leaves a gap of one request: a writer that has found no tag moves, unseen,
 * the tag of one that has finished meanwhile. Run such releases one at a time.
 *
 * @returns `already` when the tag was on this manifest before, `tagged` when it is now
 * @throws RegistryError `tag-exists` when the tag is on another manifest
 */
export async function tagOnce(
  repository: Repository,
  manifest: Descriptor,
  tag: string,
  options: OperationOptions = {},
): Promise<'tagged' | 'already'> {
  const before = await repository.manifests.resolve(tag, options);
  if (before !== undefined) {
    refuseOther(repository, manifest, tag, before);
    return 'already';
  }
  try {
    await repository.manifests.tag(manifest, tag, { ...options, exclusive: true });
  } catch (error) {
    // Somebody else was faster; or the write was made all the same, and its answer lost.
    const found = await repository.manifests.resolve(tag, options).catch(() => undefined);
    if (found === undefined) throw error;
    refuseOther(repository, manifest, tag, found);
    return 'tagged';
  }
  refuseOther(repository, manifest, tag, await readBack(repository, tag, options));
  return 'tagged';
}

/**
 * Moves a floating tag (`9`, `9.3`, `latest`) to a stored manifest. Whether it may move there is the
 * caller's to decide.
 *
 * @throws RegistryError `tag-changed` when somebody else moves it at the same moment
 */
export async function moveTag(
  repository: Repository,
  manifest: Descriptor,
  tag: string,
  options: OperationOptions = {},
): Promise<'moved' | 'tagged' | 'already'> {
  const before = await repository.manifests.resolve(tag, options);
  if (before?.digest === manifest.digest) return 'already';
  await repository.manifests.tag(manifest, tag, options);
  const after = await readBack(repository, tag, options);
  if (after.digest !== manifest.digest) {
    throw new RegistryError(
      'tag-changed',
      `${repository.name}:${tag} was pointed at ${manifest.digest} and is ${after.digest} a moment later: somebody else moves it too; see which of them is right, then run this step again`,
    );
  }
  return before === undefined ? 'tagged' : 'moved';
}

function refuseOther(
  repository: Repository,
  wanted: Descriptor,
  tag: string,
  found: Descriptor,
): void {
  if (found.digest === wanted.digest) return;
  throw new RegistryError(
    'tag-exists',
    `${repository.name}:${tag} is ${found.digest} and never moves; to release ${wanted.digest}, give it another version`,
  );
}

async function readBack(
  repository: Repository,
  tag: string,
  options: OperationOptions,
): Promise<Descriptor> {
  const found = await repository.manifests.resolve(tag, options);
  if (found !== undefined) return found;
  throw new RegistryError(
    'tag-changed',
    `${repository.name}:${tag} was written and is gone a moment later: somebody removes it; run this step again when that has stopped`,
  );
}
