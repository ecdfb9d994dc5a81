import type { ObjectStore } from './store.js';

/** Where an object is, for a server that can copy it without moving its bytes through this process. */
export interface Location {
  /** The same text for all buckets that one server can copy between. */
  readonly server: string;
  readonly bucket: string;
  readonly key: string;
}

type Locate = (key: string) => Location | undefined;

const located = new WeakMap<ObjectStore, Locate>();

/** Where a store keeps the object of a key; `undefined` for stores without a server. */
export function locate(store: ObjectStore, key: string): Location | undefined {
  return located.get(store)?.(key);
}

/** Says where a store keeps its objects. */
export function locatedAs(locate: Locate, store: ObjectStore): ObjectStore {
  located.set(store, locate);
  return store;
}
