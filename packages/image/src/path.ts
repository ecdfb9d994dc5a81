import { ImageError } from './error.js';

/**
 * Refuses a path that is not the one plain way to name a file under the root of an image: relative,
 * `/` between names, no `.` or `..`.
 */
export function checkPath(path: string): void {
  const problem = problemOf(path);
  if (problem === undefined) return;
  throw new ImageError(
    'path-invalid',
    `image path ${JSON.stringify(path)}: ${problem}; write it like app/main.mjs`,
  );
}

/** The folders above a path, outermost first: `a/b/c` is in `a` and `a/b`. */
export function parentsOf(path: string): readonly string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

/** The order of bytes in UTF-8: the same in every locale, and a folder before what is in it. */
export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

// What Linux allows: NAME_MAX, and PATH_MAX with the leading slash and the closing NUL.
const nameBytes = 255;
const pathBytes = 4094;

function problemOf(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'begins with /, but is relative to the root of the image';
  if (path.includes('\\')) return 'has a \\, names are separated by /';
  if (path.includes('\0')) return 'has a NUL character';
  if (/\p{Surrogate}/u.test(path)) return 'is not well-formed Unicode';
  if (Buffer.byteLength(path) > pathBytes) return `is longer than ${pathBytes} bytes`;
  for (const name of path.split('/')) {
    if (name === '') return 'has an empty name';
    if (name === '.' || name === '..') return `has the name ${name}`;
    if (Buffer.byteLength(name) > nameBytes) return `has a name longer than ${nameBytes} bytes`;
    // https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts
    if (name.startsWith('.wh.')) return 'has a name with .wh., by which layers delete files';
  }
  return undefined;
}
