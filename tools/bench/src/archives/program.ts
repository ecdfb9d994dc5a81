import type { Content } from '@teleport-plugins/oci';

/**
 * What stands in for a provider's executable: bytes that compress as a large program in Go does. Measured
 * beside Terraform's own: zlib and Go deflate both to 30 percent, at the same speed within a tenth. The same bytes for the same seed, on every machine.
 */
export async function* sampleProgram(seed: number, size: number): Content {
  const random = randomFrom(seed);
  const words = Array.from({ length: wordCount }, () => wordOf(random));
  for (let left = size; left > 0; left -= pieceSize) {
    yield pieceOf(words, random, Math.min(left, pieceSize));
    // The loop never waits: let the others have their turn.
    await new Promise(setImmediate);
  }
}

const pieceSize = 256 * 1024;
const wordCount = 768;
const shortest = 3;
const longest = 14;
const nothing = new Uint8Array(0);

/** As an instruction, or an entry of a table: a third of its bytes are zero. */
function wordOf(random: Random): Uint8Array {
  const word = new Uint8Array(shortest + (random() % (longest - shortest + 1)));
  return word.map(() => (random() % 3 === 0 ? 0 : random() & 0xff));
}

/** Few words come often, and after some of them a byte that is not like the others: an operand. */
function pieceOf(words: readonly Uint8Array[], random: Random, size: number): Uint8Array {
  const piece = Buffer.allocUnsafeSlow(size + longest + 1);
  let filled = 0;
  while (filled < size) {
    const chance = random() / 2 ** 32;
    const word = words[Math.floor(chance * chance * chance * words.length)] ?? nothing;
    piece.set(word, filled);
    filled += word.length;
    if (random() % 6 === 0) piece[filled++] = random() & 0xff;
  }
  return piece.subarray(0, size);
}

/** A whole number of 32 bits. */
type Random = () => number;

/** https://www.jstatsoft.org/article/view/v008i14 */
function randomFrom(seed: number): Random {
  let state = (seed + 1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}
