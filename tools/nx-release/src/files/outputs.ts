import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { StepError } from '../error.js';

/**
 * Fills a new folder and puts it in the place of the old one, so that nothing of an earlier build is left
 * in it, and a build that is killed leaves the old one as it was. Builds may do this at the same time.
 * Throws StepError `output-unwritable`.
 */
export async function replaceFolder<Result>(
  path: string,
  options: { readonly now: Date },
  fill: (folder: string) => Promise<Result>,
): Promise<Result> {
  const [draft, outdated] = [draftOf(path), draftOf(path)];
  return writing(path, [draft, outdated], async () => {
    await prepare(path, options.now);
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
  });
}

/** Writes a file that appears at once, in the place of an old one. Throws `output-unwritable`. */
export async function replaceFile(
  path: string,
  options: { readonly now: Date; readonly mode?: number },
  content: string | Uint8Array,
): Promise<void> {
  const draft = draftOf(path);
  await writing(path, [draft], async () => {
    await prepare(path, options.now);
    await writeFile(draft, content, { mode: options.mode ?? 0o666 });
    await rename(draft, path);
  });
}

/** Says what could not be written, and leaves no drafts. */
async function writing<Result>(
  path: string,
  drafts: readonly string[],
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    // Errors of the file system; others say themselves what they are about.
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new StepError(
      'output-unwritable',
      `${path} cannot be written: ${cause.message}; see that there is room and that it may be written, then run the step again`,
      { cause },
    );
  } finally {
    // A later build tries again to remove what cannot be; why it cannot is known by now.
    for (const draft of drafts)
      await rm(draft, { recursive: true, force: true }).catch(() => false);
  }
}

function draftOf(path: string): string {
  return join(dirname(path), prefixOf(path) + randomUUID());
}

function prefixOf(path: string): string {
  return `.${basename(path)}-`;
}

/** In milliseconds: no build takes that long. */
const longestBuild = 60 * 60 * 1000;

/** Makes the folder around it, and removes what killed builds left there. */
async function prepare(path: string, now: Date): Promise<void> {
  const parent = dirname(path);
  await mkdir(parent, { recursive: true });
  const names = await readdir(parent);
  for (const name of names.filter((each) => each.startsWith(prefixOf(path)))) {
    const draft = join(parent, name);
    const found = await stat(draft).catch(unless('ENOENT'));
    if (found && now.getTime() - found.mtimeMs > longestBuild) {
      await rm(draft, { recursive: true, force: true });
    }
  }
}

function unless(...codes: readonly string[]) {
  return (error: unknown): undefined => {
    if (!codes.includes(String((error as NodeJS.ErrnoException).code))) throw error;
  };
}
