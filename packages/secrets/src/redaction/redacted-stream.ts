import type { Span } from './spans.js';

/** The bytes of one stream, without what is secret. */
export interface RedactedStream {
  /**
   * What can be written of the bytes so far, perhaps as a part of `chunk` itself. At most 63 bytes are held back:
   * those at the end with which a secret may begin, and never the end of a line that nothing secret goes beyond.
   */
  write(chunk: Uint8Array): Uint8Array;
  /** What was held back. Afterwards the stream may be used for others. */
  end(): Uint8Array;
}

/** What a stream asks about its bytes. */
export interface Secrecy {
  /** What is to be masked, in order and apart from each other. */
  find(bytes: Uint8Array): readonly Span[];
  /** How many bytes at the end have to be looked at again, together with the next. */
  heldBack(bytes: Uint8Array): number;
}

const mask = Buffer.from('***');

/** A stream whose output is the same however its bytes are cut into chunks. */
export function redactedStream(secrecy: Secrecy): RedactedStream {
  /** The last bytes, a part of which is `settled`: a secret that has been masked. */
  let held: Uint8Array = new Uint8Array(0);
  let settled = 0;
  /** Whether the last that was written is a mask. */
  let isMasked = false;

  function settle(bytes: Uint8Array, ready: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let at = settled;
    const plain = (end: number) => {
      if (end <= at) return;
      pieces.push(bytes.subarray(at, end));
      isMasked = false;
      at = end;
    };
    for (const { start, end } of secrecy.find(bytes)) {
      // What is before it may still become a part of something longer.
      if (start > Math.max(ready, at)) break;
      plain(start);
      for (; at < end; at++) {
        if (isLineEnd(bytes[at])) {
          pieces.push(bytes.subarray(at, at + 1));
          isMasked = false;
        } else if (!isMasked) {
          pieces.push(mask);
          isMasked = true;
        }
      }
    }
    plain(ready);
    // Whoever gave the bytes may use their memory again.
    held = Buffer.from(bytes.subarray(ready));
    settled = Math.max(0, at - ready);
    const [only, ...others] = pieces;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces);
  }

  return {
    write(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      return settle(bytes, bytes.length - secrecy.heldBack(bytes));
    },
    end() {
      // Nothing is to be known about nothing: what has written nothing ends at once.
      const rest = held.length === 0 ? held : settle(held, held.length);
      isMasked = false;
      return rest;
    },
  };
}

/** The lines of a text stay those that they were. */
function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}
