import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';

import { messageOf } from '../error.js';
import { path, type ValueType } from './types.js';

/** The table that a field is read from. */
interface FieldSource {
  /** The path of the configuration file: other paths are relative to its folder. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly value: (key: string) => unknown;
  /** Notes what is wrong at a key (or at the table); whatever the field returns then is not used. */
  readonly problem: (key: string | undefined, message: string) => void;
}

/** One setting: which keys of a table it takes, and what they become. */
export interface Field<T> {
  readonly keys: (key: string) => readonly string[];
  readonly read: (source: FieldSource, key: string) => T;
}

/** What a record of fields becomes. */
export type Values<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never;
};

export function optional<T>(type: ValueType<T>): Field<T | undefined> {
  return {
    keys: (key) => [key],
    read: ({ value, problem }, key) => {
      const found = value(key);
      if (found === undefined) return undefined;
      const parsed = type.parse(found);
      if (parsed === undefined) {
        problem(key, `expected ${type.expected}, found ${describe(found)}`);
      }
      return parsed;
    },
  };
}

export function withDefault<T>(type: ValueType<T>, fallback: T): Field<T> {
  const field = optional(type);
  return { ...field, read: (source, key) => field.read(source, key) ?? fallback };
}

export function required<T>(type: ValueType<T>): Field<T> {
  const field = optional(type);
  return {
    ...field,
    read: (source, key) => {
      if (source.value(key) === undefined) {
        source.problem(undefined, `${key} is missing: expected ${type.expected}`);
      }
      return field.read(source, key) as T;
    },
  };
}

/** `state_directory = "state"`: as an absolute path; a relative one is relative to the configuration file. */
export function optionalPath(): Field<string | undefined> {
  const field = optional(path);
  return {
    ...field,
    read: (source, key) => {
      const found = field.read(source, key);
      return found === undefined ? undefined : resolve(dirname(source.file), found);
    },
  };
}

/** `ca_file = "ca.pem"`: the text of the file at that path. */
export function optionalFile(): Field<string | undefined> {
  const field = optionalPath();
  return {
    ...field,
    read: (source, key) => {
      const file = field.read(source, key);
      if (file === undefined) return undefined;
      try {
        return readFileSync(file, 'utf8');
      } catch (error) {
        source.problem(key, `cannot be read: ${messageOf(error)}`);
        return undefined;
      }
    },
  };
}

/**
 * A secret, which the file itself never holds: `password_file` is the path of a file with it, or
 * `password_env` the name of an environment variable. A line end at the end of the file is not part of it.
 */
export function optionalSecret(): Field<Secret | undefined> {
  return {
    keys: (key) => [`${key}_file`, `${key}_env`],
    read: (source, key) => {
      const fromFile = source.value(`${key}_file`) !== undefined;
      const fromVariable = source.value(`${key}_env`) !== undefined;
      if (fromFile && fromVariable) {
        source.problem(`${key}_env`, `${key}_file is set as well: keep one of the two`);
        return undefined;
      }
      if (fromVariable) return secretOfVariable(source, `${key}_env`);
      return fromFile ? secretOfFile(source, `${key}_file`) : undefined;
    },
  };
}

export function requiredSecret(): Field<Secret> {
  const field = optionalSecret();
  return {
    ...field,
    read: (source, key) => {
      if (field.keys(key).every((each) => source.value(each) === undefined)) {
        const [file, variable] = field.keys(key);
        source.problem(
          undefined,
          `${String(file)} (a path) or ${String(variable)} (a variable's name) is missing`,
        );
      }
      // Never used when a problem was noted.
      return field.read(source, key) ?? new Secret('');
    },
  };
}

function secretOfFile(source: FieldSource, key: string): Secret | undefined {
  const secret = optionalFile()
    .read(source, key)
    ?.replace(/\r?\n$/, '');
  if (secret === '') source.problem(key, 'the file is empty');
  return secret === undefined ? undefined : new Secret(secret);
}

function secretOfVariable(source: FieldSource, key: string): Secret | undefined {
  const name = source.value(key);
  // The value is not quoted: it may be the secret itself, written here by mistake.
  if (typeof name !== 'string' || !/^[A-Z_][A-Z0-9_]*$/.test(name)) {
    source.problem(key, 'expected the name of an environment variable such as "SMTP_PASSWORD"');
    return undefined;
  }
  const secret = source.env[name];
  if (secret === undefined || secret === '') {
    source.problem(key, `the environment variable ${name} is not set`);
    return undefined;
  }
  return new Secret(secret);
}

/** A found value, for people, in one short line. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object') return 'a table';
  const shown = JSON.stringify(value) as string | undefined;
  return shown === undefined || shown.length > 80 ? `a ${typeof value}` : shown;
}
