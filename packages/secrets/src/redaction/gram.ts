/** How many bytes are in a gram: so many as are one number of 32 bits. */
export const gramLength = 4;

/** The gram that begins at a byte; behind the last there are zeros. */
export function gramAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** A number's place in a table of `2 ** (32 - shift)`: Fibonacci hashing, by the golden ratio of 32 bits. */
export function hashOf(number: number, shift: number): number {
  return Math.imul(number, hashFactor) >>> shift;
}

export const hashFactor = -0x61c88647;
