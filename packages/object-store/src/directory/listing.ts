import { join } from 'node:path';

import { compareKeys, parseKey } from '../key.js';
import type { ObjectInfo, OperationOptions } from '../store.js';
import { explaining, unlessAbsent } from './failure.js';
import { lookUp } from './look-up.js';
import { isInternal, placeOf } from './place.js';
import { statusAt } from './status.js';
import type { Surroundings } from './surroundings.js';

/** The objects of a directory whose keys begin with a prefix, in order. */
export async function* listing(
  root: string,
  prefix: string,
  surroundings: Surroundings,
  options: OperationOptions | undefined,
): AsyncIterable<ObjectInfo> {
  for await (const key of keysBelow(root, '', prefix, surroundings)) {
    const found = await lookUp(placeOf(root, key), surroundings, options);
    // Another process may have deleted it since its folder was read.
    if (found !== undefined) yield found.info;
  }
}

/** `base` is empty or ends in a slash. */
async function* keysBelow(
  root: string,
  base: string,
  prefix: string,
  surroundings: Surroundings,
): AsyncIterable<string> {
  const folder = join(root, base);
  const reading = unlessAbsent(surroundings.fs.readdir(folder), []);
  const names = new Set(await explaining('list it', folder, reading));
  const entries: string[] = [];
  for (const name of names) {
    const key = base + name;
    if (base === '' && isInternal(name)) continue;
    if (!isKey(key) || !(key.startsWith(prefix) || prefix.startsWith(key))) continue;
    const status = await statusAt(join(root, key), surroundings);
    // With its slash, a folder sorts where the keys in it do.
    if (status?.isDirectory() === true) entries.push(`${key}/`);
    else if (status?.isFile() === true) entries.push(key);
  }
  for (const entry of entries.sort(compareKeys)) {
    if (entry.endsWith('/')) yield* keysBelow(root, entry, prefix, surroundings);
    else if (entry.startsWith(prefix)) yield entry;
  }
}

/** Files that others put there under names that no key has are none of the store's. */
function isKey(text: string): boolean {
  try {
    return parseKey(text) === text;
  } catch {
    return false;
  }
}
