import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A folder as one text per entry, in order: `a/`, `a/b: …`. */
export async function treeOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path);
    return entry.isDirectory() ? `${name}/` : `${name}: ${await readFile(path, 'latin1')}`;
  });
  return (await Promise.all(lines)).sort();
}
