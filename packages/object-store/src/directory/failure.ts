import { ObjectStoreError } from '../error.js';

/** A refusal of the file system, as the error of the store; every other error as it is. */
export function explained(error: unknown, act: string, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new ObjectStoreError(
    'directory-failed',
    `${file}: cannot ${act}: ${advice(code)} (${code})`,
    { cause: error },
  );
}

/** The result of an operation on a file, whose refusal is explained. */
export async function explaining<T>(act: string, file: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw explained(error, act, file);
  }
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The result, or another one when the file, or a folder on its path, does not exist. */
export async function unlessAbsent<T>(operation: Promise<T>, absent: T): Promise<T>;
export async function unlessAbsent<T>(
  operation: Promise<T>,
  absent: undefined,
): Promise<T | undefined>;
export async function unlessAbsent(operation: Promise<unknown>, absent: unknown): Promise<unknown> {
  try {
    return await operation;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return absent;
    throw error;
  }
}

function advice(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'the disk is full; free space and run this again';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'it is not permitted; make the folder writable for this user and run this again';
    case 'ENAMETOOLONG':
      return 'a name in it is longer than this file system can keep; choose a shorter key';
    case 'ENOTDIR':
    case 'EISDIR':
      return 'a file is where a folder should be, or the other way round; choose another path';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit and run this again';
    default:
      return 'the file system refused; when its cause is removed, run this again';
  }
}
