import { piecesOf, readAll, tooLarge } from './body.js';
import type { ObjectInfo, OperationOptions, StoredObject } from './store.js';

/**
 * In bytes: so much of an object is read together with its description, so that small documents
 * come as they were at one moment, and no file or connection waits for a reader.
 */
export const readAhead = 1024 * 1024;

/**
 * An object as readers get it: `beginning` is at hand, `rest` reads on from there and is asked only when
 * there is more.
 */
export function storedObject(
  where: string,
  info: ObjectInfo,
  beginning: Uint8Array,
  rest: (from: number, options?: OperationOptions) => AsyncIterable<Uint8Array>,
): StoredObject {
  const content: StoredObject['content'] = async function* (options) {
    options?.signal?.throwIfAborted();
    yield* piecesOf(beginning);
    if (beginning.byteLength < info.size) yield* rest(beginning.byteLength, options);
  };
  return {
    ...info,
    content,
    bytes: async (limit, options) => {
      if (info.size > limit) throw tooLarge(where, limit);
      return readAll(where, content(options), limit);
    },
  };
}
