import type { Checkout } from '@teleport-plugins/release';
import type { Shell } from 'zx/core';

import { outputOf } from '../programs.js';

/** The state of the sources of an image. */
export interface Revision {
  /** The last commit that changed them. */
  readonly commit: string;
  /** When that was committed. */
  readonly committed: Date;
  /** Whether they have been changed since. */
  readonly isDirty: boolean;
}

/**
 * The last commit that touched one of the folders, so that commits elsewhere leave an image as it is;
 * for folders that are not committed yet, HEAD. `undefined` where nothing has been committed at all.
 */
export async function readRevision(
  run: Shell,
  folders: readonly string[],
): Promise<Revision | undefined> {
  if ((await readHead(run)) === undefined) return undefined;
  const last = (paths: readonly string[]) =>
    outputOf(run`git log -1 --format=${'%H %ct'} -- ${paths}`);
  const [commit = '', seconds] = ((await last(folders)) || (await last([]))).trim().split(' ');
  const changes = await outputOf(run`git status --porcelain -- ${folders}`);
  return { commit, committed: new Date(Number(seconds) * 1000), isDirty: changes !== '' };
}

/** What a protected environment asks of the checkout that a step is run from. */
export async function readCheckout(run: Shell): Promise<Checkout> {
  if ((await readHead(run)) === undefined) {
    return { isClean: false, isShallow: false, tagsAtHead: [], tags: [] };
  }
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return {
    isClean: (await outputOf(run`git status --porcelain`)) === '',
    isShallow: (await outputOf(run`git rev-parse --is-shallow-repository`)).trim() === 'true',
    tagsAtHead: lines(await outputOf(run`git tag --points-at HEAD`)),
    tags: lines(await outputOf(run`git tag --list`)),
  };
}

/** The commit that is checked out; `undefined` where nothing has been committed, or git is not used. */
export async function readHead(run: Shell): Promise<string | undefined> {
  const head = run({ nothrow: true })`git rev-parse --verify HEAD`;
  const { exitCode, stderr, stdout } = await head;
  if (exitCode === 0) return stdout.trim();
  if (/not a git repository|Needed a single revision/.test(stderr)) return undefined;
  // Something else is wrong (no git, a folder of somebody else's): say that.
  return outputOf(run`git rev-parse --verify HEAD`);
}
