import { hashOf } from './gram.js';

/** Values by numbers of 32 bits: a `Map`, and faster where most are not there. */
export interface GramTable<Value> {
  get(gram: number): Value | undefined;
  set(gram: number, value: Value): void;
}

/** Open addressing: a number is where its hash says, or in the next slot that was free. */
export function gramTable<Value>(): GramTable<Value> {
  let shift = 32 - 8;
  let grams = new Int32Array(2 ** (32 - shift));
  let values = Array<Value | undefined>(grams.length).fill(undefined);
  let used = 0;
  /** In a free slot there is 0, which therefore has a place of its own. */
  let ofZero: Value | undefined;

  function slotOf(gram: number): number {
    const last = grams.length - 1;
    let slot = hashOf(gram, shift);
    for (;;) {
      const found = grams[slot];
      if (found === gram || found === 0) return slot;
      slot = (slot + 1) & last;
    }
  }

  function put(gram: number, value: Value | undefined): void {
    const slot = slotOf(gram);
    grams[slot] = gram;
    values[slot] = value;
  }

  /** It is never more than half full, so that a free slot is near. */
  function grow(): void {
    const [oldGrams, oldValues] = [grams, values];
    shift--;
    grams = new Int32Array(2 ** (32 - shift));
    values = Array<Value | undefined>(grams.length).fill(undefined);
    for (const [slot, gram] of oldGrams.entries()) if (gram !== 0) put(gram, oldValues[slot]);
  }

  return {
    get(gram) {
      if (gram === 0) return ofZero;
      const slot = slotOf(gram);
      return grams[slot] === 0 ? undefined : values[slot];
    },

    set(gram, value) {
      if (gram === 0) {
        ofZero = value;
        return;
      }
      if (grams[slotOf(gram)] === 0) used++;
      put(gram, value);
      if (used * 2 > grams.length) grow();
    },
  };
}
