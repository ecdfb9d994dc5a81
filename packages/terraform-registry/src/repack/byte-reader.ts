import type { Content } from '../content.js';

/** Takes bytes from content by count, holding no more than was asked for and the piece it came in. */
export interface ByteReader {
  /** As many bytes; `undefined` when the content ends before. */
  exactly(count: number): Promise<Buffer | undefined>;
  /** As many bytes as they come; fewer when the content ends before. */
  next(count: number): AsyncGenerator<Buffer, void>;
  /** All that is left. */
  rest(): AsyncGenerator<Buffer, void>;
}

export function byteReader(content: Content): ByteReader {
  const pieces = content[Symbol.asyncIterator]();
  let left: Buffer = Buffer.alloc(0);

  /** Makes sure that a byte is left; `false` when there are no more. */
  async function fill(): Promise<boolean> {
    while (left.length === 0) {
      const piece = await pieces.next();
      if (piece.done === true) return false;
      left = Buffer.from(piece.value.buffer, piece.value.byteOffset, piece.value.byteLength);
    }
    return true;
  }

  function take(count: number): Buffer {
    const taken = left.subarray(0, count);
    left = left.subarray(taken.length);
    return taken;
  }

  async function* next(count: number): AsyncGenerator<Buffer, void> {
    for (let missing = count; missing > 0 && (await fill());) {
      const piece = take(missing);
      missing -= piece.length;
      yield piece;
    }
  }

  return {
    next,
    async exactly(count) {
      if (left.length >= count) return take(count);
      const taken: Buffer[] = [];
      for await (const piece of next(count)) taken.push(piece);
      const bytes = Buffer.concat(taken);
      return bytes.length === count ? bytes : undefined;
    },
    async *rest() {
      try {
        while (await fill()) yield take(left.length);
      } finally {
        await pieces.return?.();
      }
    },
  };
}
