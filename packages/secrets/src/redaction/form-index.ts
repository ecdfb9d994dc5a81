import type { Form } from './forms.js';
import { addGram, gramFilter, mayHaveGram } from './gram-filter.js';
import { gramTable } from './gram-table.js';
import { gramAt, gramLength, pairOf } from './gram.js';

/** From one byte of a text to before another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds forms in bytes. Of each form an anchor in every window is known, so that whatever is masked holds one: two
 * grams, or one where a window is shorter. Where an anchor is found, its surroundings are compared.
 */
export interface FormIndex {
  add(form: Form): void;
  /** What is to be masked, in order and apart from each other. Bytes in linear time, whatever they are. */
  find(bytes: Uint8Array): readonly Span[];
}

/** An anchor of a form, and the next of others that are the same. */
interface Place {
  readonly form: Form;
  readonly offset: number;
  readonly next: Place | undefined;
  /** How many there are from here on. */
  readonly count: number;
}

const pairLength = 2 * gramLength;

export function formIndex(): FormIndex {
  const firstGrams = gramFilter();
  const [ofGrams, ofPairs] = [gramTable<Place>(), gramTable<Place>()];

  function placesAt({ bytes, window }: Form, offset: number): Place | undefined {
    const gram = gramAt(bytes, offset);
    if (window < pairLength) return ofGrams.get(gram);
    return ofPairs.get(pairOf(gram, gramAt(bytes, offset + gramLength)));
  }

  function addPlace(form: Form, offset: number): void {
    const next = placesAt(form, offset);
    const place = { form, offset, next, count: (next?.count ?? 0) + 1 };
    if (isKnown(place)) return;
    const gram = gramAt(form.bytes, offset);
    addGram(firstGrams, gram);
    if (form.window < pairLength) ofGrams.set(gram, place);
    else ofPairs.set(pairOf(gram, gramAt(form.bytes, offset + gramLength)), place);
  }

  /** Where the first anchor is to be: in the first window, where the fewest others are. Secrets of one kind begin alike. */
  function firstOffset(form: Form): number {
    let [best, fewest] = [0, Infinity];
    for (let offset = form.window - anchorOf(form); offset >= 0 && fewest > 0; offset--) {
      const count = placesAt(form, offset)?.count ?? 0;
      if (count < fewest) [best, fewest] = [offset, count];
    }
    return best;
  }

  return {
    add(form) {
      const stride = form.window - anchorOf(form) + 1;
      const last = form.bytes.length - anchorOf(form);
      for (let offset = firstOffset(form); offset <= last; offset += stride) {
        addPlace(form, offset);
      }
    },

    // All that passes goes through this loop, and little of it beyond the first line that may leave it.
    find(bytes) {
      const spans: Span[] = [];
      const filter = firstGrams;
      let gram = 0;
      for (let last = 0; last < bytes.length; last++) {
        gram = (gram << 8) | (bytes[last] ?? 0);
        if (!mayHaveGram(filter, gram)) continue;
        const at = last - gramLength + 1;
        if (at < 0) continue;
        addSpans(spans, bytes, at, ofPairs.get(pairOf(gram, gramAt(bytes, last + 1))));
        addSpans(spans, bytes, at, ofGrams.get(gram));
      }
      return merged(spans);
    },
  };
}

function anchorOf({ window }: Form): number {
  return window < pairLength ? gramLength : pairLength;
}

function addSpans(spans: Span[], bytes: Uint8Array, at: number, places: Place | undefined): void {
  for (let place = places; place !== undefined; place = place.next) {
    const span = spanAt(bytes, at, place);
    if (span !== undefined) push(spans, span);
  }
}

/** The window of a form, or more, that is around an anchor; the anchor itself is compared, too. */
function spanAt(bytes: Uint8Array, at: number, { form, offset }: Place): Span | undefined {
  const most = Math.min(form.window, form.bytes.length - offset, bytes.length - at);
  let after = 0;
  while (after < most && bytes[at + after] === form.bytes[offset + after]) after++;
  if (after < gramLength) return undefined;
  const least = -Math.min(form.window, offset, at);
  let before = 0;
  while (before > least && bytes[at + before - 1] === form.bytes[offset + before - 1]) before--;
  if (after - before < form.window) return undefined;
  return { start: at + before, end: at + after };
}

/** Whether all that can be found from a place can be found from another one: texts may repeat themselves. */
function isKnown(place: Place): boolean {
  for (let other = place.next; other !== undefined; other = other.next) {
    if (isSame(place, other)) return true;
  }
  return false;
}

function isSame(one: Place, two: Place): boolean {
  const { window } = one.form;
  if (two.form.window !== window) return false;
  for (let at = -window; at < window; at++) {
    if (one.form.bytes[one.offset + at] !== two.form.bytes[two.offset + at]) return false;
  }
  return true;
}

/** Adds a span to others, the last of which it often overlaps. */
function push(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last !== undefined && span.start >= last.start && span.start <= last.end) {
    spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  } else {
    spans.push(span);
  }
}

/** In order, those that touch each other as one. */
function merged(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) push(all, span);
  return all;
}
