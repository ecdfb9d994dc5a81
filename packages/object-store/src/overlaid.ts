import { copyThrough } from './copy.js';
import { failedWith } from './error.js';
import { compareKeys } from './key.js';
import { checkMode, hasChanged } from './refusal.js';
import type { ObjectInfo, ObjectStore, OperationOptions, PutMode } from './store.js';

/**
 * A store as it would be after some writes: what is written goes into `above`, which is empty at first, and
 * what was not is read from `below`, which stays as it is. For plans that build on other plans.
 */
export function overlaid(below: ObjectStore, above: ObjectStore): ObjectStore {
  const removed = new Set<string>();
  const isBelow = (key: string) => !removed.has(key);

  const store: ObjectStore = {
    name: below.name,
    async head(key, options) {
      const found = await above.head(key, options);
      return found ?? (isBelow(key) ? below.head(key, options) : undefined);
    },
    async get(key, options) {
      const found = await above.get(key, options);
      return found ?? (isBelow(key) ? below.get(key, options) : undefined);
    },
    async put(key, body, options) {
      const { mode, signal } = options;
      const where = `${store.name}/${key}`;
      const reading = signal && { signal };
      const isAbove = (await above.head(key, reading)) !== undefined;
      const current = await store.head(key, reading);
      checkMode(where, mode, current);
      // What is replaced is still below: nobody else may have written it meanwhile.
      const first: PutMode = mode === 'overwrite' ? mode : 'create';
      try {
        const version = await above.put(key, body, { ...options, mode: isAbove ? mode : first });
        removed.delete(key);
        return version;
      } catch (error) {
        if (typeof mode === 'string' || !failedWith(error, 'exists')) throw error;
        throw hasChanged(where, mode.replace, undefined, { cause: error });
      }
    },
    list: (prefix, options) => merged(prefix, options),
    copy: (from, key, options) => copyThrough(from, store, key, options),
    async delete(key, options) {
      await above.delete(key, options);
      removed.add(key);
    },
    honoursConditions: (options) => above.honoursConditions(options),
  };
  return store;

  async function* merged(
    prefix: string,
    options: OperationOptions | undefined,
  ): AsyncIterable<ObjectInfo> {
    const written: ObjectInfo[] = [];
    for await (const info of above.list(prefix, options)) written.push(info);
    const hidden = new Set([...removed, ...written.map(({ key }) => key)]);
    let next = 0;
    for await (const info of below.list(prefix, options)) {
      if (hidden.has(info.key)) continue;
      for (
        let own = written[next];
        own && compareKeys(own.key, info.key) < 0;
        own = written[next]
      ) {
        yield own;
        next += 1;
      }
      yield info;
    }
    yield* written.slice(next);
  }
}
