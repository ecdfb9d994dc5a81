import { isAbsolute, normalize, resolve } from 'node:path';

/** The absolute path of a folder inside the workspace; `undefined` for the workspace itself and what is outside. */
export function folderInside(workspaceRoot: string, path: string): string | undefined {
  const [first] = normalize(path).split('/');
  const outside = isAbsolute(path) || first === '..' || first === '.' || path.includes('\0');
  return outside || path === '' ? undefined : resolve(workspaceRoot, path);
}
