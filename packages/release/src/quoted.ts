const longest = 120;

/** A user and password in front of a host, which people paste with the host; `name@sha256:` is none. */
const credentials = /^(\w+:\/\/)?[^/@]*@(?!sha\d+:)/;

/**
 * Foreign text as it may stand in a message: quoted, without credentials or control characters, cut
 * to fit a line.
 */
export function quoted(text: string): string {
  return escaped(JSON.stringify(cut(text.replace(credentials, '$1***@'))));
}

/** Foreign text without control characters, cut to fit a line. */
export function printable(text: string): string {
  return escaped(cut(text));
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nothing';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last;
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function escaped(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
