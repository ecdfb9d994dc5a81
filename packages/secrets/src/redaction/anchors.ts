import type { Form } from './forms.js';
import { hashOf } from './gram.js';
import { addSpan, type Span } from './spans.js';

/**
 * Places in forms by their anchors: a few bytes that stand there, as a number of 32 bits. Different bytes may be the
 * same number; what is around a place is compared in any case.
 */
export interface Anchors {
  has(anchor: number): boolean;
  add(anchor: number, form: Form, offset: number): void;
  /** Adds what is to be masked around a byte of a text where the anchor stands. */
  addSpans(spans: Span[], anchor: number, bytes: Uint8Array, at: number): void;
}

/** Of each place three numbers: its form, its offset there, and the next place with the same anchor. */
const fields = 3;

/** More places than that with one anchor are of many secrets that begin alike, and none of them repeats another. */
const mostLooks = 8;

/** Numbers in arrays: two keys have a hundred thousand places, and as many objects would take too long to make. */
export function anchors(): Anchors {
  const forms: Form[] = [];
  /** The first is not used: 0 is none. */
  let places = new Int32Array(fields * 512);
  let end = fields;
  /** Open addressing: in pairs an anchor and its first place, 0 where a pair is free. At least half of them are. */
  let table = new Int32Array(2 * 512);
  let shift = 32 - 9;
  let taken = 0;

  function slotOf(anchor: number): number {
    const last = table.length - 1;
    let slot = hashOf(anchor, shift) * 2;
    while (table[slot + 1] !== 0 && table[slot] !== anchor) slot = (slot + 2) & last;
    return slot;
  }

  function setSlot(slot: number, anchor: number, place: number): void {
    table[slot] = anchor;
    table[slot + 1] = place;
  }

  function growTable(): void {
    const old = table;
    table = new Int32Array(2 * old.length);
    shift--;
    for (let slot = 0; slot < old.length; slot += 2) {
      const [anchor, place] = [old[slot] ?? 0, old[slot + 1] ?? 0];
      if (place !== 0) setSlot(slotOf(anchor), anchor, place);
    }
  }

  function growPlaces(): void {
    const old = places;
    places = new Int32Array(2 * old.length);
    places.set(old);
  }

  /**
   * Whether all that can be found from a place can be found from one of the last with the same anchor: texts may
   * repeat themselves.
   */
  function isKnown(first: number, form: Form, offset: number): boolean {
    let place = first;
    for (let looks = 0; place !== 0 && looks < mostLooks; looks++) {
      const other = forms[places[place] ?? 0];
      if (other !== undefined && isSame(form, offset, other, places[place + 1] ?? 0)) return true;
      place = places[place + 2] ?? 0;
    }
    return false;
  }

  return {
    has: (anchor) => table[slotOf(anchor) + 1] !== 0,

    add(anchor, form, offset) {
      const slot = slotOf(anchor);
      const next = table[slot + 1] ?? 0;
      if (isKnown(next, form, offset)) return;
      if (forms.at(-1) !== form) forms.push(form);
      if (end === places.length) growPlaces();
      places[end] = forms.length - 1;
      places[end + 1] = offset;
      places[end + 2] = next;
      setSlot(slot, anchor, end);
      end += fields;
      if (next === 0) taken++;
      if (taken * 4 > table.length) growTable();
    },

    addSpans(spans, anchor, bytes, at) {
      let place = table[slotOf(anchor) + 1] ?? 0;
      for (; place !== 0; place = places[place + 2] ?? 0) {
        const form = forms[places[place] ?? 0];
        if (form !== undefined) addSpanAround(spans, bytes, at, form, places[place + 1] ?? 0);
      }
    },
  };
}

/** Adds the window of a form, or more, that is around a place, if there is one. */
function addSpanAround(spans: Span[], bytes: Uint8Array, at: number, form: Form, offset: number) {
  const most = Math.min(reachAfter(form, offset), bytes.length - at);
  let after = 0;
  while (after < most && bytes[at + after] === form.bytes[offset + after]) after++;
  const least = -Math.min(reachBefore(form.window, offset), at);
  let before = 0;
  while (before > least && bytes[at + before - 1] === form.bytes[offset + before - 1]) before--;
  if (after - before >= form.window) addSpan(spans, at + before, at + after);
}

/** Whether all that is around a place, as far as windows reach, is around another one, too. */
function isSame(one: Form, offset: number, two: Form, other: number): boolean {
  const { window } = one;
  const [before, after] = [reachBefore(window, offset), reachAfter(one, offset)];
  if (two.window !== window) return false;
  if (reachBefore(window, other) < before || reachAfter(two, other) < after) return false;
  for (let at = -before; at < after; at++) {
    if (one.bytes[offset + at] !== two.bytes[other + at]) return false;
  }
  return true;
}

function reachBefore(window: number, offset: number): number {
  return Math.min(window, offset);
}

function reachAfter({ bytes, window }: Form, offset: number): number {
  return Math.min(window, bytes.length - offset);
}
