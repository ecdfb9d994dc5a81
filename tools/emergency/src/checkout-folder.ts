import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { outputOf, type programsIn } from '@teleport-plugins/nx-release/programs';

/** Of the folders of checkouts; the number of the process that made one follows. */
const prefix = 'teleport-plugins-checkout-';

/** A new folder for the checkout of this process. */
export function newCheckoutFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** Removes the worktrees of commands that were killed: those whose process is gone. Others stay. */
export async function removeAbandoned(git: ReturnType<typeof programsIn>): Promise<void> {
  const worktrees = await outputOf(git`git worktree list --porcelain`);
  for (const [, folder = '', id] of worktrees.matchAll(worktree)) {
    if (!isRunning(Number(id))) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  await outputOf(git`git worktree prune`);
}

const worktree = new RegExp(`^worktree (.+/${prefix}(\\d+)-[^/]+)/checkout$`, 'gm');

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // Somebody else's runs, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
