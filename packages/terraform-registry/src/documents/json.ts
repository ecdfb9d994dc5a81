import { TerraformRegistryError } from '../error.js';
import { quoted } from '../quoted.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a JSON value, or throws `document-invalid` with the place where it stands. */
export type Reader<T> = (value: unknown, where: string) => T;

/**
 * Reads a JSON document that must be one object. Stricter than `JSON.parse`, because these documents are
 * read by other programs too, which must not understand another thing: invalid UTF-8 and members that
 * occur twice are errors.
 */
export function parseJson(bytes: Uint8Array, where: string): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(where, 'is not JSON', cause);
  }
  const twice = duplicateMember(text);
  if (twice !== undefined) throw invalid(where, `the member ${quoted(twice)} occurs twice`);
  return objectOf(value, where);
}

/** The text of a document: indented, so that people can read it, and the same each time. */
export function formatJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

export function objectOf(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw invalid(where, `expected an object, found ${kindOf(value)}`);
}

/** Throws for members that nobody knows, so that writing the document again loses nothing. */
export function refuseUnknown(object: JsonObject, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(where, `the member ${quoted(unknown)} is not known`);
}

/** A member that must be there. */
export function member<T>(object: JsonObject, name: string, read: Reader<T>, where: string): T {
  const value = optional(object, name, read, where);
  if (value === undefined) throw invalid(where, `the member ${quoted(name)} is missing`);
  return value;
}

/** A member that may be absent; `null`, which Go writes for an empty list, is absent too. */
export function optional<T>(
  object: JsonObject,
  name: string,
  read: Reader<T>,
  where: string,
): T | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === undefined || value === null ? undefined : read(value, `${where}: ${name}`);
}

export const stringOf: Reader<string> = (value, where) => {
  if (typeof value === 'string') return value;
  throw invalid(where, `expected a string, found ${kindOf(value)}`);
};

export const countOf: Reader<number> = (value, where) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(where, `expected a whole number, found ${kindOf(value)}`);
};

export function listOf<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw invalid(where, `expected an array, found ${kindOf(value)}`);
    return value.map((item, index) => read(item, `${where}[${index}]`));
  };
}

/** A string of one form. */
export function textOf<T extends string>(
  expected: string,
  is: (text: string) => text is T,
): Reader<T> {
  return (value, where) => {
    const text = stringOf(value, where);
    if (is(text)) return text;
    throw invalid(where, `expected ${expected}, found ${quoted(text)}`);
  };
}

export function invalid(where: string, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'document-invalid',
    `${where}: ${what}`,
    cause === undefined ? {} : { cause },
  );
}

/** The first member that occurs twice in an object of a valid JSON text. */
function duplicateMember(text: string): string | undefined {
  // One entry for each open object or array; an array has no names.
  const open: (Set<string> | undefined)[] = [];
  const tokens = text.matchAll(/[{}[\]]|("(?:[^"\\]|\\.)*")[ \t\r\n]*(:?)/g);
  for (const [token, string, colon] of tokens) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (string !== undefined && colon === ':') {
      const name = JSON.parse(string) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `the string ${quoted(value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return 'an object';
}
