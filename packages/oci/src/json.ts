import { OciError, type OciErrorCode } from './error.js';
import { quoted } from './quoted.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a value is part of, for people, and the code of the errors about it. */
export interface Subject {
  readonly where: string;
  readonly code: OciErrorCode;
}

/**
 * Reads a JSON document that must be one object. Stricter than `JSON.parse`, because a document that
 * two readers understand differently is how content is smuggled past a check: invalid UTF-8 and
 * members that occur twice in one object are errors.
 */
export function parseJsonObject(bytes: Uint8Array, subject: Subject): JsonObject {
  const text = decode(bytes, subject);
  const value = parse(text, subject);
  const duplicate = duplicateMember(text);
  if (duplicate !== undefined) {
    throw fault(subject, `the member ${quoted(duplicate)} occurs twice in one object`);
  }
  return objectOf(value, subject);
}

/** The value as an object. */
export function objectOf(value: unknown, subject: Subject): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw fault(subject, `expected an object, found ${kindOf(value)}`);
}

/**
 * Refuses members that differ from a known one only in case. They mean nothing here, but Go's JSON
 * decoder, and with it most container tools, reads `"Layers"` as `layers`.
 */
export function refuseCaseVariants(object: JsonObject, known: readonly string[], subject: Subject) {
  for (const name of Object.keys(object)) {
    const meant = known.find((each) => each !== name && fold(each) === fold(name));
    if (meant !== undefined) {
      throw fault(subject, `the member ${quoted(name)} must be written ${quoted(meant)}`);
    }
  }
}

/** A member that may be absent; `null`, which Go writes for an empty value, is absent too. */
export function optionalMember<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, subject: Subject) => T,
  subject: Subject,
): T | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || value === null) return undefined;
  return read(value, within(subject, name));
}

export function requiredMember<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, subject: Subject) => T,
  subject: Subject,
): T {
  const value = optionalMember(object, name, read, subject);
  if (value === undefined) throw fault(subject, `the member ${quoted(name)} is missing`);
  return value;
}

export function stringOf(value: unknown, subject: Subject): string {
  if (typeof value === 'string') return value;
  throw fault(subject, `expected a string, found ${kindOf(value)}`);
}

export function arrayOf<T>(
  read: (value: unknown, subject: Subject) => T,
): (value: unknown, subject: Subject) => readonly T[] {
  return (value, subject) => {
    if (!Array.isArray(value)) throw fault(subject, `expected an array, found ${kindOf(value)}`);
    return value.map((item, index) => read(item, within(subject, `[${index}]`)));
  };
}

export function stringMapOf(value: unknown, subject: Subject): Readonly<Record<string, string>> {
  const entries = Object.entries(objectOf(value, subject));
  // fromEntries defines members, so that one called __proto__ stays a member.
  return Object.fromEntries(
    entries.map(([name, each]) => [name, stringOf(each, within(subject, quoted(name)))]),
  );
}

export function fault({ where, code }: Subject, what: string, cause?: unknown): OciError {
  return new OciError(code, `${where}: ${what}`, cause === undefined ? {} : { cause });
}

function within({ where, code }: Subject, part: string): Subject {
  return { where: part.startsWith('[') ? `${where}${part}` : `${where}: ${part}`, code };
}

function decode(bytes: Uint8Array, subject: Subject): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fault(subject, 'is not UTF-8 text', cause);
  }
}

function parse(text: string, subject: Subject): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw fault(subject, 'is not JSON', cause);
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
