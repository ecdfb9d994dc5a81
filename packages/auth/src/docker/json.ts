import { AuthError, type AuthErrorCode } from '../error.js';
import { shown } from '../shown.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a value is part of, for people, and the code of the errors about it. */
export interface Place {
  readonly where: string;
  readonly code: AuthErrorCode;
}

/** Reads a JSON document that must be one object. */
export function parseObject(text: string, place: Place): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    // Not kept as cause: it quotes the text.
    throw fault(place, 'it is not JSON');
  }
  return objectOf(value, place);
}

export function objectOf(value: unknown, place: Place): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw fault(place, `expected an object, found ${kindOf(value)}`);
}

export function stringOf(value: unknown, place: Place): string {
  if (typeof value === 'string') return value;
  throw fault(place, `expected a string, found ${kindOf(value)}`);
}

/** A member that may be absent; `null`, which Go writes for an empty value, is absent too. */
export function member<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, place: Place) => T,
  place: Place,
): T | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === undefined || value === null ? undefined : read(value, within(place, name));
}

export function mapOf<T>(
  read: (value: unknown, place: Place) => T,
): (value: unknown, place: Place) => ReadonlyMap<string, T> {
  return (value, place) =>
    new Map(
      Object.entries(objectOf(value, place)).map(([key, each]) => [
        key,
        read(each, within(place, shown(key))),
      ]),
    );
}

export function within({ where, code }: Place, part: string): Place {
  return { where: `${where}: ${part}`, code };
}

export function fault({ where, code }: Place, what: string): AuthError {
  return new AuthError(code, `${where}: ${what}`);
}

/** Values are never quoted. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
