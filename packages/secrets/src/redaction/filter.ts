import { hashOf } from './gram.js';

/**
 * Numbers of 32 bits, in a bitmap of their hashes: one whose bit is not set has never been added. It has one size, because
 * the loops that ask for everything that passes take a third less time with a constant shift.
 */
export type Filter = Int32Array;

export function filter(): Filter {
  return new Int32Array(2 ** (32 - shift - 5));
}

export function addTo(known: Filter, number: number): void {
  const bit = hashOf(number, shift);
  known[bit >>> 5] = (known[bit >>> 5] ?? 0) | (1 << bit);
}

export function mayHave(known: Filter, number: number): boolean {
  const bit = hashOf(number, shift);
  return ((known[bit >>> 5] ?? 0) & (1 << bit)) !== 0;
}

/** Of 2 ** 21 bits: a quarter of a megabyte stays in a processor's cache. */
const shift = 32 - 21;
