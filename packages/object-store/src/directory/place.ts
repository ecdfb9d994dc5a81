import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { ObjectStoreError } from '../error.js';
import { parseKey, type Key } from '../key.js';
import { quoted } from '../quoted.js';

/** The folder of a store that holds what is not content: attributes, the lock, unfinished files. */
export const internalName = '.object-store';

/** Where a directory keeps one object. */
export interface Place {
  readonly root: string;
  readonly key: Key;
  /** The file with the content, plain: `root` and the key. */
  readonly path: string;
  /** The file that says what the content is. Flat, by hash, because a key can be longer than a file's name. */
  readonly attributes: string;
}

export function placeOf(root: string, text: string): Place {
  const key = parseKey(text);
  if (isInternal(key.split('/', 1).join())) {
    throw new ObjectStoreError(
      'key-invalid',
      `${quoted(key)} is not a key that a directory can keep: it uses "${internalName}" itself; choose another key`,
    );
  }
  return { root, key, path: join(root, key), attributes: attributesPath(root, key) };
}

export function internalFolder(root: string): string {
  return join(root, internalName);
}

export function attributesFolder(root: string): string {
  return join(root, internalName, 'attributes');
}

/** Whether a name at the top of a store is that of its internal folder, also where case does not count. */
export function isInternal(name: string): boolean {
  return name.toLowerCase() === internalName;
}

function attributesPath(root: string, key: Key): string {
  const hash = createHash('sha256').update(key).digest('hex');
  return join(attributesFolder(root), `${hash}.json`);
}
