import type { Form } from './forms.js';
import { addSpan, type Span } from './spans.js';

/** The bytes of forms, one after the other. A place is the number of a byte in it; the first of all is 1. */
export interface Corpus {
  /** @returns the place where the form begins */
  add(form: Form): number;
  /** All of it as it is now; eight bytes can be read from each place. */
  readonly view: DataView;
  /** Whether all that is around a place, as far as windows reach, is around another one, too. */
  isRepeated(place: number, other: number): boolean;
  /** Adds the window of a form, or more, that is around a byte of a text as around a place, if there is one. */
  addSpanAround(spans: Span[], bytes: Uint8Array, at: number, place: number): void;
}

/** In bytes. What is zero takes no memory until it is used. */
const room = 2 ** 18;

/** Behind the last byte. */
const margin = 8;

export function corpus(): Corpus {
  let all = Buffer.alloc(room);
  let view = viewOf(all);
  let end = 1;
  const starts: number[] = [];
  const windows: number[] = [];
  let [shortest, longest] = [Infinity, 0];

  /** The number of the form that a place is in. */
  function formAt(place: number): number {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** How many bytes before a place, and from it on, can be in one window with it. */
  function reachAt(place: number) {
    const form = formAt(place);
    const window = windows[form] ?? 0;
    const before = Math.min(window, place - (starts[form] ?? 0));
    const after = Math.min(window, (starts[form + 1] ?? end) - place);
    return { window, before, after };
  }

  return {
    add({ text, size, window }) {
      const start = end;
      end += size;
      if (end + margin > all.length) {
        const old = all;
        all = Buffer.alloc(2 * (end + margin));
        all.set(old);
        view = viewOf(all);
      }
      all.write(text, start);
      starts.push(start);
      windows.push(window);
      shortest = Math.min(shortest, window);
      longest = Math.max(longest, window);
      return start;
    },

    get view() {
      return view;
    },

    isRepeated(place, other) {
      const [one, two] = [reachAt(place), reachAt(other)];
      if (one.window !== two.window) return false;
      if (two.before < one.before || two.after < one.after) return false;
      for (let at = -one.before; at < one.after; at++) {
        if (all[place + at] !== all[other + at]) return false;
      }
      return true;
    },

    addSpanAround(spans, bytes, at, place) {
      // Mostly it is another text, and need not be known how far the form reaches.
      const most = Math.min(longest, bytes.length - at);
      let after = 0;
      while (after < most && bytes[at + after] === all[place + after]) after++;
      const least = -Math.min(longest, at);
      let before = 0;
      while (before > least && bytes[at + before - 1] === all[place + before - 1]) before--;
      if (after - before < shortest) return;
      const reach = reachAt(place);
      const start = at - Math.min(-before, reach.before);
      const stop = at + Math.min(after, reach.after);
      if (stop - start >= reach.window) addSpan(spans, start, stop);
    },
  };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
