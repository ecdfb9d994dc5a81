import { text, type Decoder } from '../json/decode.js';

/** A text for people on one line, at most so many characters long. */
export function line(expected: string, limit = Infinity): Decoder<string> {
  return text(expected, (value) =>
    /^(?!\s)[^\p{Cc}]+$/u.test(value) && lengthOf(value) <= limit ? value : undefined,
  );
}

export function markdown(limit: number): Decoder<string> {
  return text(`Markdown of at most ${limit} characters`, (value) =>
    /^(?!\s)(?:[\n\t]|[^\p{Cc}])+$/u.test(value) && lengthOf(value) <= limit ? value : undefined,
  );
}

/** In code points, as JSON schemas count. */
function lengthOf(value: string): number {
  return Array.from(value).length;
}
