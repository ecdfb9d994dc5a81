import type { ObjectStore, PutMode, PutOptions, StoredObject, StreamedBody } from '../index.js';

export const text = (content: string): Uint8Array => Buffer.from(content);

export function plain(mode: PutMode): PutOptions {
  return { mode, contentType: 'text/plain' };
}

/** Bytes that differ everywhere, so that a part in the wrong place shows. */
export function sampleBytes(size: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4));
  let word = seed;
  for (let at = 0; at < words.length; at += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = word;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** A body that counts how often it is opened. */
export function countedBody(
  bytes: Uint8Array,
  pieceSize = 65_537,
): StreamedBody & { readonly opened: () => number } {
  let opened = 0;
  return {
    size: bytes.byteLength,
    opened: () => opened,
    open: () => {
      opened += 1;
      return inPieces(bytes, pieceSize);
    },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
export async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
export async function* failingAfter(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
  throw new Error('the source failed');
}

/** An object that is there. */
export async function existing(store: ObjectStore, key: string): Promise<StoredObject> {
  const object = await store.get(key);
  if (object === undefined) throw new Error(`${key} is absent`);
  return object;
}

/** The content of an object, as text; `undefined` when it is absent. */
export async function textOf(store: ObjectStore, key: string): Promise<string | undefined> {
  const bytes = await (await store.get(key))?.bytes(64 * 1024);
  return bytes && Buffer.from(bytes).toString();
}

export async function gathered<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function keysOf(store: ObjectStore, prefix = ''): Promise<readonly string[]> {
  return (await gathered(store.list(prefix))).map(({ key }) => key);
}
