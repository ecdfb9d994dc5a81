import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { AuthError } from '../error.js';

/** `undefined` when there is no such file. Throws `config-unreadable`. */
export async function readConfigFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AuthError(
      'config-unreadable',
      `${path}: it cannot be read (${code}); let this user read it`,
      { cause },
    );
  }
}

/**
 * Changes a text file whose other writers know no lock: docker writes another file and renames it. So it
 * is read again right before it is replaced, and afterwards: what somebody else has written meanwhile is
 * changed too. `edit` is given an empty text for a file that does not exist.
 *
 * The file appears at once, with the permissions and the owner that it had (0600 when it is new); a
 * symbolic link stays one. Throws `config-unreadable`, `config-unwritable`, and what `edit` throws.
 */
export async function editConfigFile(path: string, edit: (text: string) => string): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const read = async () => (await readConfigFile(path)) ?? '';
    const text = await read();
    const edited = edit(text);
    if (edited === text) return;
    await replace(path, edited, async () => (await read()) === text);
  }
  throw new AuthError(
    'config-unwritable',
    `${path}: another program undoes each change; end it, and try again`,
  );
}

/** Throws `config-unwritable`. */
export async function removeConfigFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw unwritable(path, error);
  });
}

/** Unless it is no longer what was changed. */
async function replace(
  path: string,
  text: string,
  isUnchanged: () => Promise<boolean>,
): Promise<void> {
  const target = await targetOf(path);
  const draft = join(dirname(target), `.${basename(target)}-${randomUUID()}`);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeDraft(draft, text, await stat(target).catch(() => undefined));
    if (await isUnchanged()) await rename(draft, target);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** With the permissions and the owner of the file that it takes the place of. */
async function writeDraft(draft: string, text: string, old: Stats | undefined): Promise<void> {
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    const { uid, gid } = await file.stat();
    if (old && (old.uid !== uid || old.gid !== gid)) await file.chown(old.uid, old.gid);
    if (old) await file.chmod(old.mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file that symbolic links lead to, whether it exists or not. */
async function targetOf(path: string, links = 0): Promise<string> {
  const existing = await realpath(path).catch(() => undefined);
  if (existing !== undefined) return existing;
  const link = await readlink(path).catch(() => undefined);
  if (link === undefined || links === 40) return path;
  return targetOf(resolve(dirname(path), link), links + 1);
}

function unwritable(path: string, cause: unknown): AuthError {
  if (cause instanceof AuthError) return cause;
  const { code = '' } = cause as NodeJS.ErrnoException;
  return new AuthError(
    'config-unwritable',
    `${path}: it cannot be written (${code}); let this user write the file and its folder, and try again`,
    { cause },
  );
}
