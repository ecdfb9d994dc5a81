/** What JSON can say. A property that is `undefined` is not written. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The one JSON text of a value, as UTF-8: no white space, keys in code unit order. Every digest of a
 * config, manifest or index follows from it, so its output never changes.
 */
export function canonicalJson(value: Json): Uint8Array {
  return Buffer.from(textOf(value));
}

function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(textOf).join(',')}]`;
  // Written by hand, because JSON.stringify puts keys that look like numbers first.
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([key, member]) =>
      member === undefined ? [] : [`${JSON.stringify(key)}:${textOf(member)}`],
    );
  return `{${members.join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
