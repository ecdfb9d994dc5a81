import type { Descriptor, Digest, OperationOptions, Repository } from '@teleport-plugins/oci';
import { moveTag, RegistryError } from '@teleport-plugins/registry';
import {
  compareVersions,
  floatingTags,
  versionsInRange,
  type TagResult,
} from '@teleport-plugins/release';

import { StepError } from '../../error.js';
import type { Step } from '../../step/step.js';

/** A floating tag that has to be set. */
export interface FloatingTag {
  readonly tag: string;
  /** Where it is now. */
  readonly from?: Digest;
}

/** A floating tag that has been set. */
export interface PlacedTag {
  readonly tag: string;
  /** The image that it is on: of this version, or of a higher one that became public meanwhile. */
  readonly digest: Digest;
  readonly result: TagResult;
}

/** What decides on the floating tags of a step. */
type Promoted = Pick<Step, 'plugin' | 'selection'>;

/** How often the tags are set before it is given up. Each round more is a promotion that came between. */
const rounds = 10;

/**
 * Sets the floating tags that belong on a version which has its own tag already.
 *
 * Other versions may be promoted at the same time, and a registry cannot move a tag on a condition: a
 * tag may be written by what was the highest version a moment ago. So after every write the versions
 * are listed again, and the tag is put where it belongs by then. Whoever writes last looks after that,
 * and every version has its own tag before its promotion looks, so the highest keeps the tag, in whatever
 * order the requests come. Tags that this promotion does not set are left alone.
 *
 * @throws StepError `tag-contested` when somebody moves a tag elsewhere every time
 */
export async function placeFloatingTags(
  repository: Repository,
  image: Descriptor,
  promoted: Promoted,
  options: OperationOptions,
): Promise<readonly PlacedTag[]> {
  const floating = await misplacedTags(repository, image, promoted, options);
  const placed = new Map<string, PlacedTag>();
  let unsettled = floating.map(({ tag }) => tag);
  for (let round = 0; unsettled.length > 0; round += 1) {
    if (round === rounds) throw contested(repository, unsettled, promoted);
    const existing = await tagsOf(repository, options);
    unsettled = [];
    for (const { tag } of floating) {
      const higher = versionsInRange(tag, promoted.plugin.image.floatingTags, existing).filter(
        (version) => compareVersions(version, promoted.selection.version) > 0,
      );
      const target = (await firstThere(repository, higher, options)) ?? image;
      const result = await moveUncontested(repository, target, tag, options);
      if (result !== 'already') unsettled.push(tag);
      if (result === 'already' && placed.get(tag)?.digest === target.digest) continue;
      placed.set(tag, { tag, digest: target.digest, result: result ?? 'moved' });
    }
  }
  return [...placed.values()];
}

/**
 * The floating tags that belong on the image of a version, by the versions that are public, and are
 * not there yet.
 */
export async function misplacedTags(
  repository: Repository,
  image: Descriptor,
  { plugin, selection }: Promoted,
  options: OperationOptions,
): Promise<readonly FloatingTag[]> {
  const existing = await tagsOf(repository, options);
  const misplaced: FloatingTag[] = [];
  for (const tag of floatingTags(selection.version, plugin.image.floatingTags, existing)) {
    const now = existing.includes(tag)
      ? await repository.manifests.resolve(tag, options)
      : undefined;
    if (now?.digest !== image.digest) misplaced.push({ tag, ...(now && { from: now.digest }) });
  }
  return misplaced;
}

async function tagsOf(repository: Repository, options: OperationOptions): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of repository.manifests.tags(options)) tags.push(tag);
  return tags;
}

/** The image of the first of some versions that is there: a list may be behind what it lists. */
async function firstThere(
  repository: Repository,
  versions: readonly string[],
  options: OperationOptions,
): Promise<Descriptor | undefined> {
  for (const version of versions) {
    const found = await repository.manifests.resolve(version, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Moves a tag; `undefined` when somebody else has moved it elsewhere at the same moment. */
async function moveUncontested(
  repository: Repository,
  target: Descriptor,
  tag: string,
  options: OperationOptions,
): Promise<TagResult | undefined> {
  try {
    return await moveTag(repository, target, tag, options);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'tag-changed') return undefined;
    throw error;
  }
}

function contested(
  repository: Repository,
  tags: readonly string[],
  { selection }: Promoted,
): StepError {
  const { version } = selection;
  const which = `${tags.join(', ')} ${tags.length === 1 ? 'is' : 'are'}`;
  return new StepError(
    'tag-contested',
    `${repository.name}: ${which} moved by somebody else again and again; ${version} itself is public: find out who moves them, then promote ${version} again`,
  );
}
