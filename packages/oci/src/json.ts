import { OciError, type OciErrorCode } from './error.js';
import { quoted } from './quoted.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a value is part of, for people, and the code of the errors about it. */
export interface Place {
  readonly where: string;
  readonly code: OciErrorCode;
}

/**
 * Reads a JSON document that must be one object. Stricter than `JSON.parse`, because a document that
 * two readers understand differently is how content is smuggled past a check: invalid UTF-8 and
 * members that occur twice in one object are errors.
 */
export function parseJsonObject(bytes: Uint8Array, place: Place): JsonObject {
  const text = decode(bytes, place);
  const value = parse(text, place);
  const duplicate = duplicateMember(text);
  if (duplicate !== undefined) {
    throw fault(place, `the member ${quoted(duplicate)} occurs twice in one object`);
  }
  return objectOf(value, place);
}

/** The value as an object. */
export function objectOf(value: unknown, place: Place): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw fault(place, `expected an object, found ${kindOf(value)}`);
}

/**
 * Refuses members that differ from a known one only in case. They mean nothing here, but Go's JSON
 * decoder, and with it most container tools, reads `"Layers"` as `layers`.
 */
export function refuseCaseVariants(object: JsonObject, known: readonly string[], place: Place) {
  for (const name of Object.keys(object)) {
    const meant = known.find((each) => each !== name && fold(each) === fold(name));
    if (meant !== undefined) {
      throw fault(place, `the member ${quoted(name)} must be written ${quoted(meant)}`);
    }
  }
}

/** A member that may be absent; `null`, which Go writes for an empty value, is absent too. */
export function optionalMember<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, place: Place) => T,
  place: Place,
): T | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || value === null) return undefined;
  return read(value, within(place, name));
}

export function requiredMember<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, place: Place) => T,
  place: Place,
): T {
  const value = optionalMember(object, name, read, place);
  if (value === undefined) throw fault(place, `the member ${quoted(name)} is missing`);
  return value;
}

export function stringOf(value: unknown, place: Place): string {
  if (typeof value === 'string') return value;
  throw fault(place, `expected a string, found ${kindOf(value)}`);
}

export function arrayOf<T>(
  read: (value: unknown, place: Place) => T,
): (value: unknown, place: Place) => readonly T[] {
  return (value, place) => {
    if (!Array.isArray(value)) throw fault(place, `expected an array, found ${kindOf(value)}`);
    return value.map((item, index) => read(item, within(place, `[${index}]`)));
  };
}

export function stringMapOf(value: unknown, place: Place): Readonly<Record<string, string>> {
  const entries = Object.entries(objectOf(value, place));
  // fromEntries defines members, so that one called __proto__ stays a member.
  return Object.fromEntries(
    entries.map(([name, each]) => [name, stringOf(each, within(place, quoted(name)))]),
  );
}

export function fault({ where, code }: Place, what: string, cause?: unknown): OciError {
  return new OciError(code, `${where}: ${what}`, cause === undefined ? {} : { cause });
}

function within({ where, code }: Place, part: string): Place {
  return { where: part.startsWith('[') ? `${where}${part}` : `${where}: ${part}`, code };
}

function decode(bytes: Uint8Array, place: Place): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fault(place, 'is not UTF-8 text', cause);
  }
}

function parse(text: string, place: Place): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw fault(place, 'is not JSON', cause);
  }
}

/** The first member that occurs twice in an object of a valid JSON text. */
function duplicateMember(text: string): string | undefined {
  // One entry per open object or array; an array has no names.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const start = at;
      at = closingQuote(text, start);
      if (!isName(text, at + 1)) continue;
      const name = JSON.parse(text.slice(start, at + 1)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Whether a colon follows, which in valid JSON it does after a member's name only. */
function isName(text: string, after: number): boolean {
  let at = after;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

/** As Go's decoder compares names: simple case folding, in which ſ is s and the Kelvin sign is k. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `the string ${quoted(value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : typeof value;
}
