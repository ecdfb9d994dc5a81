import { OciError } from '../error.js';

/** The error of a layout whose files are not what they must be; `what` begins with the file. */
export function corrupt(what: string, cause?: unknown): OciError {
  return new OciError(
    'layout-invalid',
    `${what}; the image layout is damaged: delete it and write the image again`,
    cause === undefined ? {} : { cause },
  );
}

/** A refusal of the file system, as the error of the layout; every other error as it is. */
export function explained(error: unknown, act: string, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OciError('layout-failed', `${file}: cannot ${act}: ${advice(code)} (${code})`, {
    cause: error,
  });
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

function advice(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full; free space and run this again';
    case 'EFBIG':
      return 'files may not be that large there; raise the limit (ulimit -f) and run this again';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'it is not permitted; make the folder writable for this user and run this again';
    case 'ENOTDIR':
      return 'something on this path is not a folder; choose another path';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit and run this again';
    default:
      return 'the file system refused; when its cause is removed, run this again';
  }
}
