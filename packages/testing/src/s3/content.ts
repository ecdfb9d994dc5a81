import { createHash } from 'node:crypto';

/** Bytes that are stored. */
export interface Content {
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  /** From a position up to, and without, another one. */
  read(from: number, to: number): Iterable<Uint8Array>;
}

export function contentOf(pieces: readonly Uint8Array[], sparse: boolean): Content {
  const hash = createHash('md5');
  for (const piece of pieces) hash.update(piece);
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const md5 = hash.digest('hex');
  const read = sparse ? zeros : (from: number, to: number) => cut(pieces, from, to);
  return { size, md5, read };
}

/** A part of a content, as a content. */
export function sliceOf(content: Content, from: number, to: number, sparse: boolean): Content {
  return contentOf([...content.read(from, to)], sparse);
}

/** The contents of the parts of an upload, one after the other. */
export function joined(parts: readonly Content[], md5: string): Content {
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    md5,
    *read(from, to) {
      let start = 0;
      for (const part of parts) {
        const [first, last] = [Math.max(from - start, 0), Math.min(to - start, part.size)];
        if (first < last) yield* part.read(first, last);
        start += part.size;
      }
    },
  };
}

function* cut(pieces: readonly Uint8Array[], from: number, to: number): Iterable<Uint8Array> {
  let start = 0;
  for (const piece of pieces) {
    const [first, last] = [Math.max(from - start, 0), Math.min(to - start, piece.byteLength)];
    if (first < last) yield piece.subarray(first, last);
    start += piece.byteLength;
  }
}

const zeroPiece = new Uint8Array(64 * 1024);

function* zeros(from: number, to: number): Iterable<Uint8Array> {
  for (let at = from; at < to; at += zeroPiece.byteLength) yield zeroPiece.subarray(0, to - at);
}
