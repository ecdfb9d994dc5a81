import { anchorOf, anchors, type Anchors } from './anchors.js';
import { corpus } from './corpus.js';
import { mayHave } from './filter.js';
import type { Form } from './forms.js';
import { merged, type Span } from './spans.js';

/** Finds forms in bytes, in a time that grows with the bytes only. */
export interface FormIndex {
  add(form: Form): void;
  /** What is to be masked, in order and apart from each other. */
  find(bytes: Uint8Array): readonly Span[];
}

/** In bytes: every fourth byte of a text is looked at, with the seven behind it. */
const [step, anchorLength] = [4, 8] as const;

/** In bytes: shorter windows need not have an anchor at one byte in four. */
const shortestWindow = anchorLength + step;

/** Of forms with short windows, and of others. Most documents have none that are short. */
export function formIndex(): FormIndex {
  const long = stepIndex();
  let short: FormIndex | undefined;

  return {
    add(form) {
      if (form.window >= shortestWindow) {
        long.add(form);
      } else {
        short ??= byteIndex();
        short.add(form);
      }
    },
    find(bytes) {
      const spans = long.find(bytes);
      return short === undefined ? spans : merged([...spans, ...short.find(bytes)]);
    },
  };
}

/** Whatever byte of four a window begins at, `step` anchors that follow each other are known in it. */
function stepIndex(): FormIndex {
  const forms = corpus();
  const places = anchors(forms, anchorLength);

  return {
    add(form) {
      const from = forms.add(form);
      const period = form.window - anchorLength - step + 2;
      const start = freePlace(places, from, period);
      const end = from + form.size - anchorLength + 1;
      places.add(from, end, { start, length: step, period });
    },

    // All that passes goes through this loop.
    find(bytes) {
      const spans: Span[] = [];
      if (bytes.length < anchorLength) return spans;
      const { known } = places;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      let word = view.getInt32(0, true);
      for (let at = 0; at + anchorLength <= bytes.length; at += step) {
        const next = view.getInt32(at + step, true);
        const anchor = anchorOf(word, next);
        if (mayHave(known, anchor)) places.addSpans(spans, anchor, bytes, at);
        word = next;
      }
      return merged(spans);
    },
  };
}

/** Each byte is looked at, with the three behind it. One such anchor in a window is known. */
function byteIndex(): FormIndex {
  const forms = corpus();
  const places = anchors(forms, step);

  return {
    add(form) {
      const from = forms.add(form);
      const period = form.window - step + 1;
      const start = freePlace(places, from, period);
      places.add(from, from + form.size - step + 1, { start, length: 1, period });
    },

    find(bytes) {
      const spans: Span[] = [];
      const { known } = places;
      let word = 0;
      for (let last = 0; last < bytes.length; last++) {
        word = (word >>> 8) | ((bytes[last] ?? 0) << 24);
        const anchor = anchorOf(word, 0);
        const at = last - step + 1;
        if (mayHave(known, anchor) && at >= 0) places.addSpans(spans, anchor, bytes, at);
      }
      return merged(spans);
    },
  };
}

/** Where the anchors of a form may begin: late, and where no other form has the same. Secrets of one kind begin alike. */
function freePlace(places: Anchors, from: number, period: number): number {
  for (let place = from + period - 1; place > from; place--) {
    if (!places.has(place)) return place;
  }
  return from;
}
