import { ObjectStoreError } from './error.js';
import { locate, locatedAs } from './location.js';
import type { ObjectStore } from './store.js';

/** The same objects, which cannot be changed through this: every write throws `read-only`. */
export function readOnly(store: ObjectStore): ObjectStore {
  const refuse = (act: string) => (): Promise<never> =>
    Promise.reject(
      new ObjectStoreError(
        'read-only',
        `${store.name} was opened for reading, and this would ${act}; open it for writing`,
      ),
    );
  return locatedAs((key) => locate(store, key), {
    name: store.name,
    head: (key, options) => store.head(key, options),
    get: (key, options) => store.get(key, options),
    list: (prefix, options) => store.list(prefix, options),
    put: refuse('store an object'),
    copy: refuse('store a copy'),
    delete: refuse('delete an object'),
    honoursConditions: refuse('write a throwaway key'),
  });
}
