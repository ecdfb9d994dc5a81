const longest = 200;

/**
 * Foreign text as it may stand in a message: quoted, on one line, without control characters or what
 * stands before an `@`, as a user and password do in an address.
 */
export function shown(text: string): string {
  const bare = text.replace(/\S*@/g, '***@');
  const cut = bare.length > longest ? `${bare.slice(0, longest)}…` : bare;
  return JSON.stringify(cut).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
