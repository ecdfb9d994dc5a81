import { parseKey, parsePrefix } from './key.js';
import { locate, locatedAs } from './location.js';
import type { ObjectInfo, ObjectStore } from './store.js';

/** The objects of a store under `prefix/`, as a store whose keys begin after it. */
export function prefixed(store: ObjectStore, prefix: string): ObjectStore {
  const base = `${parseKey(prefix)}/`;
  const full = (key: string) => parseKey(base + parseKey(key));
  const own = <Info extends ObjectInfo>(info: Info): Info => ({
    ...info,
    key: info.key.slice(base.length),
  });
  return locatedAs((key) => locate(store, full(key)), {
    name: `${store.name}/${prefix}`,
    async head(key, options) {
      const found = await store.head(full(key), options);
      return found && own(found);
    },
    async get(key, options) {
      const found = await store.get(full(key), options);
      return found && own(found);
    },
    put: async (key, body, options) => store.put(full(key), body, options),
    async *list(beginning, options) {
      for await (const info of store.list(base + parsePrefix(beginning), options)) yield own(info);
    },
    copy: async (from, key, options) => store.copy(from, full(key), options),
    delete: async (key, options) => store.delete(full(key), options),
    honoursConditions: (options) => store.honoursConditions(options),
  });
}
