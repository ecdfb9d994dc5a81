import type { Corpus } from './corpus.js';
import { addTo, filter, type Filter } from './filter.js';
import { hashFactor, hashOf } from './gram.js';
import type { Span } from './spans.js';

/**
 * Places in a corpus by their anchors: the four or eight bytes that stand there, as a number of 32 bits. Different bytes
 * may be the same number; what is around a place is compared in any case.
 */
export interface Anchors {
  /** Of all anchors. */
  readonly known: Filter;
  /** Whether the anchor of a place is there. */
  has(place: number): boolean;
  /** Adds places from one to before another: runs of them, one in each period. */
  add(from: number, end: number, runs: Runs): void;
  /** Adds what is to be masked around a byte of a text where the anchor stands. */
  addSpans(spans: Span[], anchor: number, bytes: Uint8Array, at: number): void;
}

interface Runs {
  /** A place where one begins, less than a period behind the first place. */
  readonly start: number;
  readonly length: number;
  readonly period: number;
}

/** The anchor of eight bytes, or of four with `next` 0; both are numbers whose lowest byte is the first. */
export function anchorOf(word: number, next: number): number {
  return Math.imul(word, wordFactor) ^ next;
}

const wordFactor = -0x7a143595;

/** Of chains, and of places. What is zero takes no memory until it is used. */
const room = { chains: 2 ** 17, places: 2 ** 18 };

/** So many places with one hash are no burden. More are of texts that repeat themselves, or of secrets that begin alike. */
const burden = 8;

/**
 * Two keys have a hundred thousand places, most of which are added before any of this is compiled, when each single
 * operation takes its time. So there are arrays of numbers, and nothing in them that is not needed.
 */
export function anchors(corpus: Corpus, length: 4 | 8): Anchors {
  const known = filter();
  /** By the hash of an anchor, the last of its places; 0 is none. */
  let chains = new Int32Array(room.chains);
  let shift = 32 - Math.log2(room.chains);
  /** Of each place another one with the same hash. */
  let others = new Int32Array(room.places);
  let count = 0;
  /** Leaves of the second word what is in the anchor. */
  const rest = length === 8 ? -1 : 0;

  function anchorAt(place: number): number {
    const { view } = corpus;
    return anchorOf(view.getInt32(place, true), view.getInt32(place + 4, true) & rest);
  }

  /** Another hash than that of the filter: of what passes that by mistake there is little in a chain then. */
  function chainOf(anchor: number): number {
    return hashOf(anchor ^ (anchor >>> 15), shift);
  }

  /** Whether there are many places already, and all that can be found from this one can be found from one of the last. */
  function isKnown(chain: number, place: number): boolean {
    let other = chain;
    for (let left = burden; left > 0; left--) {
      if (other === 0) return false;
      other = others[other] ?? 0;
    }
    other = chain;
    for (let left = burden; left > 0; left--) {
      if (corpus.isRepeated(place, other)) return true;
      other = others[other] ?? 0;
    }
    return false;
  }

  function makeRoom(end: number): void {
    if (end > others.length) {
      const old = others;
      others = new Int32Array(2 * end);
      others.set(old);
    }
    while (count > chains.length) lengthen();
  }

  /** So that there are few places to a chain. */
  function lengthen(): void {
    const old = chains;
    chains = new Int32Array(2 * old.length);
    shift--;
    for (const chain of old) {
      for (let place = chain, next = 0; place !== 0; place = next) {
        next = others[place] ?? 0;
        const hash = chainOf(anchorAt(place));
        others[place] = chains[hash] ?? 0;
        chains[hash] = place;
      }
    }
  }

  return {
    known,

    has(place) {
      const anchor = anchorAt(place);
      let other = chains[chainOf(anchor)] ?? 0;
      while (other !== 0 && anchorAt(other) !== anchor) other = others[other] ?? 0;
      return other !== 0;
    },

    add(from, end, { start, length, period }) {
      makeRoom(end);
      const { view } = corpus;
      // The first run may have begun before the first place.
      for (let run = start - period; run < end; run += period) {
        const last = Math.min(run + Math.min(length, period), end);
        for (let place = Math.max(run, from); place < last; place++) {
          // `anchorAt` and `chainOf`, whose calls would take longer than they do.
          const word = Math.imul(view.getInt32(place, true), wordFactor);
          const anchor = word ^ (view.getInt32(place + 4, true) & rest);
          const hash = Math.imul(anchor ^ (anchor >>> 15), hashFactor) >>> shift;
          addTo(known, anchor);
          const chain = chains[hash] ?? 0;
          if (chain !== 0 && isKnown(chain, place)) continue;
          others[place] = chain;
          chains[hash] = place;
          count++;
        }
      }
    },

    addSpans(spans, anchor, bytes, at) {
      let place = chains[chainOf(anchor)] ?? 0;
      for (; place !== 0; place = others[place] ?? 0) {
        corpus.addSpanAround(spans, bytes, at, place);
      }
    },
  };
}
