import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** All files and folders below a folder, with what is in them and when they were changed. */
export async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const described = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    const content = entry.isFile() ? await readFile(path, 'base64') : 'a folder';
    return [path, `${mtimeMs} ${content}`] as const;
  });
  return Object.fromEntries((await Promise.all(described)).sort());
}
