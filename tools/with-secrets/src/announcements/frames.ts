/** A frame that breaks the rules: whoever sent it is not one of ours. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** In bytes: what the largest variable of an environment has. */
const largestSecret = 128 * 1024;

const headSize = 4;

/** The secrets of one connection. */
export interface FrameReader {
  /** Gives the secrets that are complete with what has arrived. Throws FrameError. */
  push(chunk: Uint8Array): readonly string[];
  /** Whether nothing is missing of what has begun. */
  isComplete(): boolean;
}

/**
 * Reads secrets as `announceSecrets` sends them: each is the number of its bytes, as 32 bits with the highest
 * byte first, and then those bytes, UTF-8.
 */
export function frameReader(): FrameReader {
  let rest = Buffer.alloc(0);
  return {
    push(chunk) {
      rest = Buffer.concat([rest, chunk]);
      const secrets: string[] = [];
      while (rest.byteLength >= headSize) {
        const size = rest.readUInt32BE();
        if (size > largestSecret) throw new FrameError('a size out of bounds');
        if (rest.byteLength < headSize + size) break;
        secrets.push(textOf(rest.subarray(headSize, headSize + size)));
        rest = rest.subarray(headSize + size);
      }
      return secrets;
    },
    isComplete: () => rest.byteLength === 0,
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FrameError('no UTF-8', { cause });
  }
}
