import { streamed } from './body.js';
import { locate, locatedAs } from './location.js';
import type { ObjectStore, StoredObject } from './store.js';

/** What has gone to and from a store. */
export interface StoreTraffic {
  /** Operations, which need not be one request each. */
  readonly requests: number;
  /** Bytes of objects; what a server copies by itself does not count. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The same store, and what goes to and from it through this. */
export function metered(store: ObjectStore): {
  readonly store: ObjectStore;
  readonly traffic: () => StoreTraffic;
} {
  const sum = { requests: 0, bytesSent: 0, bytesReceived: 0 };
  const sending = (size: number) => (sum.bytesSent += size);
  const receiving = (size: number) => (sum.bytesReceived += size);
  const counted = <T>(operation: T): T => {
    sum.requests += 1;
    return operation;
  };
  const same = locatedAs((key) => locate(store, key), {
    name: store.name,
    head: (key, options) => counted(store.head(key, options)),
    get: (key, options) => counted(observedRead(store, receiving).get(key, options)),
    put(key, body, options) {
      const content = streamed(body);
      const observed = { ...content, open: () => passing(content.open(), sending) };
      return counted(store.put(key, observed, options));
    },
    list: (prefix, options) => counted(store.list(prefix, options)),
    async copy(from, key, options) {
      const servers = [locate(from.store, from.key), locate(store, key)].map((at) => at?.server);
      const isInside = servers[0] !== undefined && servers[0] === servers[1];
      const source = isInside ? from.store : observedRead(from.store, sending);
      return counted(store.copy({ store: source, key: from.key }, key, options));
    },
    delete: (key, options) => counted(store.delete(key, options)),
    honoursConditions: (options) => counted(store.honoursConditions(options)),
  });
  return { store: same, traffic: () => ({ ...sum }) };
}

/** The same store, which tells the size of what is read of its objects. */
function observedRead(store: ObjectStore, onRead: (size: number) => void): ObjectStore {
  const observed = (object: StoredObject): StoredObject => ({
    ...object,
    content: (options) => passing(object.content(options), onRead),
    async bytes(limit, options) {
      const bytes = await object.bytes(limit, options);
      onRead(bytes.byteLength);
      return bytes;
    },
  });
  return locatedAs((key) => locate(store, key), {
    ...store,
    async get(key, options) {
      const found = await store.get(key, options);
      return found && observed(found);
    },
  });
}

async function* passing(
  content: AsyncIterable<Uint8Array>,
  onPass: (size: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const piece of content) {
    onPass(piece.byteLength);
    yield piece;
  }
}
