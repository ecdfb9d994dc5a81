import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Fills a new folder and puts it in the place of the old one, so that nothing of an earlier build is left
 * in it, and a build that is killed leaves the old one as it was. Builds may do this at the same time.
 */
export async function replaceFolder<Result>(
  path: string,
  options: { readonly now: Date },
  fill: (folder: string) => Promise<Result>,
): Promise<Result> {
  const parent = dirname(path);
  const prefix = `.${basename(path)}-`;
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, prefix, options.now);
  const draft = join(parent, prefix + randomUUID());
  const outdated = join(parent, prefix + randomUUID());
  try {
    await mkdir(draft);
    const result = await fill(draft);
    // A folder cannot be renamed over one that has something in it. Between the two renames there is
    // none: another build can put its own there, and then makes way for this one.
    for (;;) {
      await rename(path, outdated).catch(unless('ENOENT'));
      const inPlace = await rename(draft, path).then(() => true, unless('ENOTEMPTY', 'EEXIST'));
      if (inPlace === true) return result;
      await rm(outdated, { recursive: true, force: true });
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(outdated, { recursive: true, force: true });
  }
}

/** In milliseconds: no build takes that long. */
const longestBuild = 60 * 60 * 1000;

/** Removes what killed builds left. */
async function removeLeftovers(parent: string, prefix: string, now: Date): Promise<void> {
  for (const name of (await readdir(parent)).filter((each) => each.startsWith(prefix))) {
    const path = join(parent, name);
    const found = await stat(path).catch(unless('ENOENT'));
    if (found && now.getTime() - found.mtimeMs > longestBuild) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function unless(...codes: readonly string[]) {
  return (error: unknown): undefined => {
    if (!codes.includes(String((error as NodeJS.ErrnoException).code))) throw error;
  };
}
