import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The user whose files these are; `undefined` on systems that do not number users. */
export type UserId = number | undefined;

/**
 * Makes a folder that only this user can look into, unless it is there. Throws an error that says so
 * when there is something else, or somebody else's: what is in it could be planted, or read.
 */
export async function makePrivateFolder(path: string, userId: UserId): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw new Error('it is a symbolic link');
  if (!found.isDirectory()) throw new Error('it is not a folder');
  if (isForeign(found.uid, userId)) throw new Error('it belongs to another user');
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}

/**
 * The text of a file that is this user's alone. `undefined` when there is none. Everything else is not
 * read, and removed: a link, a file of or for somebody else, one that is longer than `limit` bytes.
 */
export async function readPrivateFile(
  path: string,
  options: { readonly userId: UserId; readonly limit: number },
): Promise<string | undefined> {
  const file = await openUnlinked(path);
  if (file === undefined) return undefined;
  try {
    if (file !== 'link' && isPrivate(await file.stat(), options))
      return await file.readFile('utf8');
  } finally {
    if (file !== 'link') await file.close();
  }
  await rm(path, { force: true });
  return undefined;
}

/** Writes a file that appears at once, in the place of an old one, for this user alone. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function openUnlinked(path: string): Promise<FileHandle | 'link' | undefined> {
  try {
    // Without the last one a pipe that somebody put there would be waited for.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') return 'link';
    throw error;
  }
}

function isPrivate(
  found: Stats,
  { userId, limit }: { readonly userId: UserId; readonly limit: number },
): boolean {
  if (!found.isFile() || found.size > limit) return false;
  return (found.mode & 0o077) === 0 && found.nlink === 1 && !isForeign(found.uid, userId);
}

function isForeign(owner: number, userId: UserId): boolean {
  return userId !== undefined && owner !== userId;
}
