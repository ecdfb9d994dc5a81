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

/** A number of 32 bits for two grams that follow each other; others may have the same. */
export function pairOf(gram: number, next: number): number {
  return Math.imul(gram, 0x85ebca6b) ^ next;
}

/** A gram's place in a table of `2 ** (32 - shift)`: Fibonacci hashing, by the golden ratio of 32 bits. */
export function hashOf(gram: number, shift: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> shift;
}
