import { checked, piecesOf, readAll, streamed } from './body.js';
import { copyThrough } from './copy.js';
import { compareKeys, parseKey, parsePrefix } from './key.js';
import { checkMode } from './refusal.js';
import type { ObjectInfo, ObjectStore, OperationOptions, Version } from './store.js';
import { storedObject } from './stored-object.js';

interface Entry {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

/** A store that lasts as long as the process. */
export function memoryStore(name = 'memory'): ObjectStore {
  const entries = new Map<string, Entry>();
  let writes = 0;

  const store: ObjectStore = {
    name,
    async head(key, options) {
      await started(options);
      return entries.get(parseKey(key))?.info;
    },
    async get(key, options) {
      await started(options);
      const entry = entries.get(parseKey(key));
      return entry && storedObject(at(name, key), entry.info, entry.bytes, () => piecesOf(noBytes));
    },
    async put(key, body, { mode, signal, contentType, cacheControl }) {
      const options = signal && { signal };
      await started(options);
      const where = at(name, parseKey(key));
      checkMode(where, mode, entries.get(key)?.info);
      const content = streamed(body);
      const bytes = await readAll(where, checked(where, content, options), content.size);
      signal?.throwIfAborted();
      // From here to the end nothing else happens in this process.
      checkMode(where, mode, entries.get(key)?.info);
      writes += 1;
      const version = String(writes) as Version;
      const labels = { contentType, ...(cacheControl !== undefined && { cacheControl }) };
      const info: ObjectInfo = { key, size: bytes.byteLength, version, ...labels };
      entries.set(key, { info, bytes });
      return version;
    },
    async *list(prefix, options) {
      await started(options);
      const beginning = parsePrefix(prefix);
      const found = [...entries.values()].filter(({ info }) => info.key.startsWith(beginning));
      for (const { info } of found.sort((a, b) => compareKeys(a.info.key, b.info.key))) {
        options?.signal?.throwIfAborted();
        yield info;
      }
    },
    copy: (from, key, options) => copyThrough(from, store, key, options),
    async delete(key, options) {
      await started(options);
      entries.delete(parseKey(key));
    },
    async honoursConditions(options) {
      await started(options);
      return true;
    },
  };
  return store;
}

const noBytes = new Uint8Array();

function at(store: string, key: string): string {
  return `${store}/${key}`;
}

/** What begins every operation: a turn of the event loop, as with a real store, and no work once aborted. */
async function started(options: OperationOptions | undefined): Promise<void> {
  await Promise.resolve();
  options?.signal?.throwIfAborted();
}
