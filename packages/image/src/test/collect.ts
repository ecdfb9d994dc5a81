import { readAll, type Content } from '@teleport-plugins/oci';

/** All bytes of a content that fits a test. */
export function collect(content: Content): Promise<Uint8Array> {
  return readAll(content, { limit: 1024 * 1024 * 1024 });
}

/** The bytes in pieces of the given sizes, the rest as the last one. */
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): Content {
  let offset = 0;
  for (const size of sizes) {
    await Promise.resolve();
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
  if (offset < bytes.length) yield bytes.subarray(offset);
}
