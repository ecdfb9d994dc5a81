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
 * The last commit that changed what the pathspecs select, so that commits elsewhere leave an image as
 * it is; for what is not committed yet, HEAD. `undefined` where nothing has been committed at all.
 */
export async function readRevision(
  run: Shell,
  pathspecs: readonly string[],
): Promise<Revision | undefined> {
  if ((await readHead(run)) === undefined) return undefined;
  const last = (selected: readonly string[]) => lastChange(run, 'HEAD', selected);
  const [commit = '', seconds] = (await last(pathspecs)) ?? (await last([])) ?? [];
  const isDirty = (await changes(run, pathspecs)) !== '';
  return { commit, committed: new Date(Number(seconds) * 1000), isDirty };
}

/**
 * The last commit, as far as HEAD or a tag, that changed what the pathspecs select; `undefined` where there is
 * no such tag, or no such commit.
 */
export async function readLastCommit(
  run: Shell,
  end: 'HEAD' | { readonly tag: string },
  pathspecs: readonly string[],
): Promise<string | undefined> {
  const ref = end === 'HEAD' ? end : `refs/tags/${end.tag}`;
  if (!(await isCommit(run, ref))) return undefined;
  return (await lastChange(run, ref, pathspecs))?.[0];
}

/** When the commit was made that is checked out, or carries a tag; `undefined` where there is no such commit. */
export async function readCommitDate(
  run: Shell,
  of: 'HEAD' | { readonly tag: string },
): Promise<Date | undefined> {
  const ref = of === 'HEAD' ? of : `refs/tags/${of.tag}`;
  if (!(await isCommit(run, ref))) return undefined;
  const [, seconds] = (await lastChange(run, ref, [])) ?? [];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}

/** A file as it was at a tag; `undefined` where there is no such tag, or it had no such file. */
export async function readFileAt(
  run: Shell,
  tag: string,
  path: string,
): Promise<string | undefined> {
  const shown = await run({ nothrow: true })`git show ${`refs/tags/${tag}:${path}`}`;
  return shown.exitCode === 0 ? shown.stdout : undefined;
}

async function isCommit(run: Shell, ref: string): Promise<boolean> {
  const { exitCode } = await run({ nothrow: true })`git rev-parse --quiet --verify ${ref}^{commit}`;
  return exitCode === 0;
}

/** The commit, and its time in seconds. */
async function lastChange(
  run: Shell,
  ref: string,
  pathspecs: readonly string[],
): Promise<readonly string[] | undefined> {
  const format = '--format=%H %ct';
  const line = await outputOf(run`git log -1 --no-show-signature ${format} ${ref} -- ${pathspecs}`);
  return line.trim() === '' ? undefined : line.trim().split(' ');
}

/** What a protected environment asks of the checkout that a step is run from. */
export async function readCheckout(run: Shell): Promise<Checkout> {
  if ((await readHead(run)) === undefined) {
    return { isClean: false, isShallow: false, tagsAtHead: [], tags: [] };
  }
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return {
    isClean: (await changes(run, [])) === '',
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

/** What is changed or new, whatever the user has configured to be shown. */
function changes(run: Shell, pathspecs: readonly string[]): Promise<string> {
  return outputOf(run`git status --porcelain --untracked-files=normal -- ${pathspecs}`);
}
