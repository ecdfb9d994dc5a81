import type { Form } from './forms.js';
import { gramAt, gramLength, hashOf } from './gram.js';

/** How the windows of forms begin. */
export interface Beginnings {
  add(form: Form): void;
  /**
   * How many bytes at the end of others may be the beginning of a window: never fewer than are, always less than the
   * longest window, and mostly exactly those that are.
   */
  atEndOf(bytes: Uint8Array): number;
}

/** Of the table of grams. */
const shift = 32 - 21;

/** A gram is somewhere in a form; a window begins with it; a window begins with these three bytes. */
const [isPart, isFirst, isFirstThree] = [1, 2, 4];

export function beginnings(): Beginnings {
  const first = new Uint8Array(2 ** 8);
  const firstTwo = new Uint8Array(2 ** 16);
  /** What is known of grams with the same hash. */
  const grams = new Uint8Array(2 ** (32 - shift));
  let longest = 0;

  function note(gram: number, what: number): void {
    const hash = hashOf(gram, shift);
    grams[hash] = (grams[hash] ?? 0) | what;
  }

  function isNoted(gram: number, what: number): boolean {
    return ((grams[hashOf(gram, shift)] ?? 0) & what) !== 0;
  }

  /** How many bytes at the end may be a part of a form. */
  function partAtEndOf(bytes: Uint8Array): number {
    const most = Math.min(longest, bytes.length);
    let part = Math.min(gramLength - 1, most);
    while (part < most && isNoted(gramAt(bytes, bytes.length - part - 1), isPart)) part++;
    return part;
  }

  function mayBegin(bytes: Uint8Array, at: number): boolean {
    const gram = gramAt(bytes, at);
    switch (bytes.length - at) {
      case 1:
        return first[gram >>> 24] === 1;
      case 2:
        return firstTwo[gram >>> 16] === 1;
      case 3:
        return isNoted(gram >>> 8, isFirstThree);
      default:
        return isNoted(gram, isFirst);
    }
  }

  return {
    add({ bytes, window }) {
      longest = Math.max(longest, window - 1);
      const lastStart = bytes.length - window;
      let gram = gramAt(bytes, 0) >>> 8;
      for (let at = 0; at + gramLength <= bytes.length; at++) {
        gram = (gram << 8) | (bytes[at + gramLength - 1] ?? 0);
        if (at > lastStart) {
          note(gram, isPart);
          continue;
        }
        note(gram, isPart | isFirst);
        note(gram >>> 8, isFirstThree);
        first[gram >>> 24] = firstTwo[gram >>> 16] = 1;
      }
    },

    atEndOf(bytes) {
      for (let part = partAtEndOf(bytes); part > 0; part--) {
        if (mayBegin(bytes, bytes.length - part)) return part;
      }
      return 0;
    },
  };
}
