import { anchors } from './anchors.js';
import { addTo, filter, mayHave } from './filter.js';
import type { Form } from './forms.js';
import { merged, type Span } from './spans.js';

/** Finds forms in bytes, in a time that grows with the bytes only. */
export interface FormIndex {
  add(form: Form): void;
  /** What is to be masked, in order and apart from each other. */
  find(bytes: Uint8Array): readonly Span[];
}

/** In bytes: every fourth byte of a text is looked at, with the seven behind it. */
const [step, anchorLength] = [4, 8];

/** In bytes: shorter windows need not have an anchor at one byte in four. */
const shortestWindow = anchorLength + step;

/** Of forms with short windows, and of others. Most documents have none that are short. */
export function formIndex(): FormIndex {
  const [short, long] = [byteIndex(), stepIndex()];
  let hasShort = false;

  return {
    add(form) {
      if (form.window >= shortestWindow) {
        long.add(form);
      } else {
        short.add(form);
        hasShort = true;
      }
    },
    find(bytes) {
      const spans = long.find(bytes);
      return hasShort ? merged([...spans, ...short.find(bytes)]) : spans;
    },
  };
}

/** Whatever byte of four a window begins at, `step` anchors that follow each other are known in it. */
function stepIndex(): FormIndex {
  const [known, places] = [filter(), anchors()];

  return {
    add(form) {
      const view = viewOf(form.bytes);
      const period = form.window - anchorLength - step + 2;
      const phase = freePhase(period, (offset) => places.has(pairAt(view, offset)));
      for (let offset = 0; offset + anchorLength <= form.bytes.length; offset++) {
        if ((offset + period - phase) % period >= step) continue;
        const anchor = pairAt(view, offset);
        addTo(known, anchor);
        places.add(anchor, form, offset);
      }
    },

    // All that passes goes through this loop.
    find(bytes) {
      const spans: Span[] = [];
      if (bytes.length < anchorLength) return spans;
      const view = viewOf(bytes);
      let word = view.getInt32(0, true);
      for (let at = 0; at + anchorLength <= bytes.length; at += step) {
        const next = view.getInt32(at + step, true);
        const anchor = pairOf(word, next);
        if (mayHave(known, anchor)) places.addSpans(spans, anchor, bytes, at);
        word = next;
      }
      return merged(spans);
    },
  };
}

/** Each byte is looked at, with the three behind it. One such anchor in a window is known. */
function byteIndex(): FormIndex {
  const [known, places] = [filter(), anchors()];

  return {
    add(form) {
      const view = viewOf(form.bytes);
      const period = form.window - step + 1;
      const phase = freePhase(period, (offset) => places.has(view.getInt32(offset)));
      for (let offset = phase; offset + step <= form.bytes.length; offset += period) {
        const anchor = view.getInt32(offset);
        addTo(known, anchor);
        places.add(anchor, form, offset);
      }
    },

    find(bytes) {
      const spans: Span[] = [];
      let anchor = 0;
      for (let last = 0; last < bytes.length; last++) {
        anchor = (anchor << 8) | (bytes[last] ?? 0);
        const at = last - step + 1;
        if (mayHave(known, anchor) && at >= 0) places.addSpans(spans, anchor, bytes, at);
      }
      return merged(spans);
    },
  };
}

/** Where the anchors of a form may begin: late, and where no other form has the same. Secrets of one kind begin alike. */
function freePhase(period: number, isTaken: (offset: number) => boolean): number {
  for (let phase = period - 1; phase > 0; phase--) if (!isTaken(phase)) return phase;
  return 0;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Two numbers of four bytes each as one. */
function pairOf(word: number, next: number): number {
  return Math.imul(word, 0x85ebca6b) ^ next;
}

function pairAt(view: DataView, offset: number): number {
  return pairOf(view.getInt32(offset, true), view.getInt32(offset + step, true));
}
