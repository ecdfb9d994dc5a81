import type { Form } from './forms.js';
import { gramAt, gramLength, hashOf } from './gram.js';

/** How the windows of forms begin. */
export interface Beginnings {
  add(form: Form): void;
  /** Does a part of what is put off until it is asked for; `false` when nothing is left. */
  learn(): boolean;
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

const lineFeed = 0x0a;

/**
 * Most forms hold no end of a line, and most of what is written ends with one: how those forms begin is not learned
 * before something else is written.
 */
export function beginnings(): Beginnings {
  const [all, ofSeveralLines] = [grams(), grams()];
  let waiting: Form[] = [];

  function learn(): boolean {
    const form = waiting.pop();
    if (form !== undefined) all.add(form);
    return form !== undefined;
  }

  return {
    learn,
    add(form) {
      waiting.push(form);
      if (form.text.includes('\n')) ofSeveralLines.add(form);
    },
    atEndOf(bytes) {
      if (bytes.at(-1) === lineFeed) return ofSeveralLines.atEndOf(bytes);
      waiting.forEach((form) => all.add(form));
      waiting = [];
      return all.atEndOf(bytes);
    },
  };
}

function grams(): Omit<Beginnings, 'learn'> {
  const first = new Uint8Array(2 ** 8);
  const firstTwo = new Uint8Array(2 ** 16);
  /** What is known of grams with the same hash. */
  const table = new Uint8Array(2 ** (32 - shift));
  let longest = 0;

  function isNoted(gram: number, what: number): boolean {
    return ((table[hashOf(gram, shift)] ?? 0) & what) !== 0;
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
    add({ text, window }) {
      const bytes = Buffer.from(text);
      longest = Math.max(longest, window - 1);
      const lastStart = bytes.length - window;
      let gram = gramAt(bytes, 0) >>> 8;
      for (let at = 0; at + gramLength <= bytes.length; at++) {
        gram = (gram << 8) | (bytes[at + gramLength - 1] ?? 0);
        const hash = hashOf(gram, shift);
        if (at > lastStart) {
          table[hash] = (table[hash] ?? 0) | isPart;
          continue;
        }
        table[hash] = (table[hash] ?? 0) | isPart | isFirst;
        const three = hashOf(gram >>> 8, shift);
        table[three] = (table[three] ?? 0) | isFirstThree;
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
