import { isAbsolute, resolve } from 'node:path';

import { copyThrough } from '../copy.js';
import { ObjectStoreError } from '../error.js';
import { parsePrefix } from '../key.js';
import { quoted } from '../quoted.js';
import { checkMode } from '../refusal.js';
import type { ObjectStore } from '../store.js';
import { makeFolder } from './folders.js';
import { listing } from './listing.js';
import { lookUp } from './look-up.js';
import { openObject } from './open-object.js';
import { attributesFolder, internalFolder, placeOf } from './place.js';
import { put } from './put.js';
import { remove } from './remove.js';
import { statusAt } from './status.js';
import { realSurroundings, type Surroundings } from './surroundings.js';
import { sweep } from './unfinished.js';

/**
 * The files of a folder as objects: the key is the path, and the content is the plain file. Any number of
 * processes may write, and conditions hold exactly. `.object-store` in it holds what the store needs
 * beside the content. The folder is made by the first write.
 */
export function directoryStore(directory: string): ObjectStore {
  if (!isAbsolute(directory)) {
    throw new ObjectStoreError(
      'location-invalid',
      `${quoted(directory)} is not an absolute path; give the whole path of the folder`,
    );
  }
  return directoryStoreIn(realSurroundings, resolve(directory));
}

/** The same, on a machine of the caller's. */
export function directoryStoreIn(machine: () => Promise<Surroundings>, root: string): ObjectStore {
  let known: Promise<Surroundings> | undefined;
  const surroundingsOf = () => (known ??= machine());
  // Once for each store that writes: what killed processes left behind is in nobody's way.
  let swept: Promise<void> | undefined;

  const store: ObjectStore = {
    name: `file:${root}`,
    async head(key, options) {
      options?.signal?.throwIfAborted();
      return (await lookUp(placeOf(root, key), await surroundingsOf(), options))?.info;
    },
    async get(key, options) {
      const place = placeOf(root, key);
      const surroundings = await surroundingsOf();
      for (;;) {
        options?.signal?.throwIfAborted();
        const found = await lookUp(place, surroundings, options);
        if (found === undefined) return undefined;
        const object = await openObject(place, found, surroundings);
        if (object !== undefined) return object;
      }
    },
    async put(key, body, options) {
      options.signal?.throwIfAborted();
      const place = placeOf(root, key);
      const surroundings = await surroundingsOf();
      // Before a byte of the body is read; the answer that counts is the one under the lock.
      checkMode(place.path, options.mode, (await lookUp(place, surroundings, options))?.info);
      await makeFolder(attributesFolder(root), surroundings);
      return put(place, body, options, surroundings, (file) => {
        swept ??= sweep(internalFolder(root), file, surroundings).catch((error: unknown) => {
          swept = undefined;
          throw error;
        });
        return swept;
      });
    },
    async *list(prefix, options) {
      options?.signal?.throwIfAborted();
      yield* listing(root, parsePrefix(prefix), await surroundingsOf(), options);
    },
    copy: (from, key, options) => copyThrough(from, store, key, options),
    async delete(key, options) {
      options?.signal?.throwIfAborted();
      const place = placeOf(root, key);
      const surroundings = await surroundingsOf();
      // A folder that was never written to is left as it is.
      if (
        (await statusAt(internalFolder(root), surroundings)) === undefined &&
        (await lookUp(place, surroundings, options)) === undefined
      ) {
        return;
      }
      await makeFolder(attributesFolder(root), surroundings);
      await remove(place, surroundings, options);
    },
    async honoursConditions(options) {
      await surroundingsOf();
      options?.signal?.throwIfAborted();
      return true;
    },
  };
  return store;
}
