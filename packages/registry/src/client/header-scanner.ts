/** Reads the pieces of which HTTP's structured headers are made, from left to right. */
export interface HeaderScanner {
  readonly isAtEnd: boolean;
  position: number;
  /** Skips spaces, tabs and, where wanted, commas (empty list elements). */
  skip(characters: ' ' | ' ,'): void;
  /** Takes this character, if it is next. */
  take(character: string): boolean;
  /** https://datatracker.ietf.org/doc/html/rfc9110#section-5.6.2, at least one character. */
  token(): string | undefined;
  /** https://datatracker.ietf.org/doc/html/rfc9110#section-5.6.4, unquoted; `undefined` if it does not end. */
  quotedString(): string | undefined;
  /** Everything up to one of these characters, or to the end. */
  until(characters: string): string;
}

export function scan(text: string): HeaderScanner {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  return {
    get isAtEnd() {
      return at >= text.length;
    },
    get position() {
      return at;
    },
    set position(position) {
      at = position;
    },
    skip(characters) {
      match(characters === ' ' ? /[ \t]*/y : /[ \t,]*/y);
    },
    take(character) {
      if (text[at] !== character) return false;
      at += 1;
      return true;
    },
    token: () => match(/[!#$%&'*+.^`|~\w-]+/y),
    quotedString() {
      const quoted = match(/"(?:[^"\\]|\\[^])*"/y);
      return quoted?.slice(1, -1).replace(/\\([^])/g, '$1');
    },
    until(characters) {
      const start = at;
      while (at < text.length && !characters.includes(text.charAt(at))) at += 1;
      return text.slice(start, at);
    },
  };
}
