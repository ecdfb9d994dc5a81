import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that does not print itself: not in a template string, JSON, `console.log` or an inspection.
 * Every use of the plain text is found by searching for `reveal(`.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The plain text, for the one place that hands it to a protocol. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
